using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AvSdk.Contracts;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Mcap;
using Google.Protobuf;

namespace AvSdk.Tests.Gateway;

/// <summary>
/// A small recording: /imu (1) and /gnss (2) in lane telemetry, with schemas, /camera/front (3) in lane
/// sensors, without. Times begin at <see cref="Epoch"/>.
/// </summary>
internal sealed class SampleRecording
{
    public const ulong Epoch = 1_700_000_000_000_000_000;
    public const ulong Second = 1_000_000_000;

    private readonly Dictionary<string, (ulong Sequence, byte[] Sha256)> _lanes = [];

    public SampleRecording(string vehicleId = "veh-1", Guid? id = null, uint firstChannel = 1)
    {
        Id = id ?? Guid.CreateVersion7();
        Imu = firstChannel;
        Gnss = firstChannel + 1;
        Camera = firstChannel + 2;
        Info = new RecordingInfo
        {
            RecordingId = RecordingIds.Write(Id),
            VehicleId = vehicleId,
            StartedAt = Epoch,
            Recorder = "test/1",
            Labels = { ["route"] = "a7" },
        };
        ImuSchema = Schema("test.Imu", """{"type":"object","title":"imu"}""");
        GnssSchema = Schema("test.Gnss", """{"type":"object","title":"gnss"}""");
    }

    public Guid Id { get; }

    public uint Imu { get; }

    public uint Gnss { get; }

    public uint Camera { get; }

    public RecordingInfo Info { get; }

    public string VehicleId => Info.VehicleId;

    public SchemaDefinition ImuSchema { get; }

    public SchemaDefinition GnssSchema { get; }

    public IReadOnlyList<ChannelDefinition> Channels =>
    [
        new()
        {
            ChannelId = Imu, SchemaId = 1, SchemaSha256 = ImuSchema.Sha256, Topic = "/imu",
            MessageEncoding = "json", Lane = "telemetry",
        },
        new()
        {
            ChannelId = Gnss, SchemaId = 2, SchemaSha256 = GnssSchema.Sha256, Topic = "/gnss",
            MessageEncoding = "json", Lane = "telemetry", Metadata = { ["frame"] = "antenna" },
        },
        new() { ChannelId = Camera, Topic = "/camera/front", MessageEncoding = "raw", Lane = "sensors" },
    ];

    public UploadRequest Define(bool whole = true)
    {
        Define define = new() { Recording = Info };
        define.Channels.AddRange(Channels);
        foreach (SchemaDefinition schema in new[] { ImuSchema, GnssSchema })
            define.Schemas.Add(whole ? schema : new SchemaDefinition { Sha256 = schema.Sha256 });
        return new UploadRequest { Define = define };
    }

    /// <summary>The lane's next chunk; times are in seconds after <see cref="Epoch"/>.</summary>
    public SampleChunk Chunk(params (uint Channel, double At)[] messages) => Chunk(200, messages);

    /// <summary>As the other, with payloads of this many bytes that do not compress.</summary>
    public SampleChunk Chunk(int payloadBytes, params (uint Channel, double At)[] messages)
    {
        string lane = messages[0].Channel == Camera ? "sensors" : "telemetry";
        (ulong sequence, byte[] previous) = _lanes.GetValueOrDefault(lane, (0UL, new byte[32]));
        using ChunkBuilder builder = new();
        uint number = 0;
        foreach ((uint channel, double at) in messages)
        {
            ulong time = Time(at);
            Span<byte> payload = builder.AddMessage((ushort)channel, ++number, time, time, payloadBytes);
            new Random(HashCode.Combine(channel, at, sequence, Id)).NextBytes(payload);
            BinaryPrimitives.WriteUInt64LittleEndian(payload, time);
        }

        ArrayBufferWriter<byte> output = new();
        builder.WriteBody(ChunkCompression.Lz4, output);
        byte[] body = output.WrittenSpan.ToArray();
        Assert.True(ChunkBody.TryParse(body, out ChunkBodyInfo info));
        ChunkHeader header = new()
        {
            Ref = new ChunkKey(Id, lane, sequence + 1).ToRef(),
            FirstLogTime = builder.FirstLogTime,
            LastLogTime = builder.LastLogTime,
            Compression = info.Compression,
            UncompressedBytes = (ulong)info.UncompressedBytes,
            BodyBytes = (ulong)body.Length,
            PreviousSha256 = ByteString.CopyFrom(previous),
            Sha256 = ByteString.CopyFrom(Hash(previous, body)),
        };
        foreach (ChunkChannelCount channel in builder.Channels())
        {
            header.Channels.Add(new ChunkChannel
            {
                ChannelId = channel.ChannelId,
                Messages = (ulong)channel.Messages,
                PayloadBytes = (ulong)channel.PayloadBytes,
            });
        }

        _lanes[lane] = (sequence + 1, header.Sha256.ToByteArray());
        return new SampleChunk(header, body);
    }

    public UploadRequest End() => new()
    {
        End = new End
        {
            End_ = new RecordingEnd
            {
                RecordingId = Info.RecordingId,
                EndedAt = Epoch + (3600 * Second),
                Orderly = true,
                Lanes = { _lanes.Select(l => new LaneEnd { Lane = l.Key, LastSequence = l.Value.Sequence }) },
            },
        },
    };

    public static ulong Time(double seconds) => Epoch + (ulong)(seconds * Second);

    public static byte[] Hash(ReadOnlySpan<byte> previous, ReadOnlySpan<byte> body) =>
        SHA256.HashData([.. previous, .. body]);

    private static SchemaDefinition Schema(string name, string data)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(data);
        return new SchemaDefinition
        {
            Name = name,
            Encoding = "jsonschema",
            Data = ByteString.CopyFrom(bytes),
            Sha256 = SchemaHash.Compute("jsonschema", name, bytes),
        };
    }
}
