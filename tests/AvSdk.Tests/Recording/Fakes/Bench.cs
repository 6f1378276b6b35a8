using System.Buffers;
using AvSdk.Mcap;
using AvSdk.Recording;

namespace AvSdk.Tests.Recording.Fakes;

/// <summary>A recorder on a disk in memory, with a clock that stands.</summary>
internal sealed class Bench
{
    private static int _seed;

    public ManualTime Time { get; init; } = new();

    public MemoryFiles Files { get; init; } = new();

    public FakeGateway? Gateway { get; init; }

    public RecorderOptions Options { get; init; } = new()
    {
        VehicleId = "veh-042",
        Lanes = [Lane()],
        FreeBytesMin = 0,
        CompressionWorkers = 2,
    };

    /// <summary>A lane that is closed and flushed only when asked to.</summary>
    public static LaneOptions Lane(string name = "telemetry") => new()
    {
        Name = name,
        ChunkBytes = 64 << 10,
        ChunkWindow = TimeSpan.FromHours(1),
        SegmentAgeMax = TimeSpan.FromDays(1),
        Durability = LaneDurability.Sync,
    };

    public async Task<LocalRecorder> OpenAsync()
    {
        RecorderPorts ports = new() { Files = Files, Uplink = Gateway, Time = Time, Random = new Random(Interlocked.Increment(ref _seed)) };
        return await LocalRecorder.OpenAsync(Options, ports, TestContext.Current.CancellationToken);
    }

    public static ChannelSpec Spec(string topic, string? lane = null) => new()
    {
        Topic = topic,
        MessageEncoding = "raw",
        Lane = lane,
        Schema = new SchemaSpec("test." + topic.Trim('/'), "jsonschema", "{}"u8.ToArray()),
    };

    public static MessageStamp At(ulong milliseconds, uint sequence = 0) =>
        new(1_700_000_000_000_000_000 + (milliseconds * 1_000_000), 1_700_000_000_000_000_000, sequence);

    /// <summary>A payload that names its number and does not compress.</summary>
    public static byte[] Payload(uint number, int bytes)
    {
        byte[] payload = new byte[bytes];
        new Random((int)number).NextBytes(payload);
        BitConverter.TryWriteBytes(payload, number);
        return payload;
    }

    /// <summary>The messages of a segment, and that it is sealed and whole.</summary>
    public static List<(string Topic, uint Sequence, byte[] Payload)> ReadSegment(byte[] segment)
    {
        List<(string, uint, byte[])> messages = [];
        McapScan scan = McapScan.Run(new MemorySource(segment));
        Dictionary<ushort, string> topics = scan.Channels.ToDictionary(channel => channel.Id, channel => channel.Topic);
        foreach (McapScannedChunk chunk in scan.Chunks)
        {
            using IMemoryOwner<byte> records =
                ChunkBody.Decompress(segment.AsSpan((int)chunk.Offset, (int)chunk.BodyBytes));
            foreach (McapMessageView message in ChunkBody.Messages(records.Memory.Span))
                messages.Add((topics[message.ChannelId], message.Sequence, message.Data.ToArray()));
        }

        return messages;
    }

    public List<(string Topic, uint Sequence, byte[] Payload)> ReadAll() =>
        [.. Files.Segments.SelectMany(name => ReadSegment(Files.Read(name)))];
}
