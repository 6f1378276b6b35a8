using System.Security.Cryptography;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Query;
using AvSdk.Recording;
using AvSdk.Testing;
using AvSdk.Uplink;

namespace AvSdk.Tests.Recording;

/// <summary>
/// A real drive, four times over, without a link, into a spool that holds a fraction of it; a restart in the middle. Then
/// the link comes.
/// </summary>
public sealed class MarkedDriveTests
{
    private const ulong RoundNs = 70_000_000_000;
    private const ulong Second = 1_000_000_000;
    private static readonly string[] s_previews = ["/vehicle/*", "/pose", "/radar/*"];

    private readonly List<Written> _written = [];
    private readonly List<(ulong First, ulong Last)> _windows = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Marked_windows_arrive_whole_previews_too_and_the_ledger_is_the_truth()
    {
        string drive = SharedFiles.Require("drives", "rav4_60s.lz4.mcap");
        await using InProcessGateway gateway = await InProcessGateway.StartAsync(Ct);
        using FaultyLink link = new(new GrpcUplink(gateway.Address.OriginalString), TimeProvider.System);
        using MemorySpoolFiles disk = new(1);
        RecorderPorts ports = new() { Files = disk, Uplink = link };
        link.Cut();
        await using (LocalRecorder first = await LocalRecorder.OpenAsync(Options(), ports, Ct))
        {
            await RecordAsync(first, drive, round: 0, (10, 1, 1, 10), (30, 1, 2, 35));
            await RecordAsync(first, drive, round: 1, (5, 1, 1, 5), (6, 1, 1, 6));
        }

        LedgerSummary ledger;
        Guid recordingId;
        await using (LocalRecorder second = await LocalRecorder.OpenAsync(Options(), ports, Ct))
        {
            recordingId = second.RecordingId;
            await RecordAsync(second, drive, round: 2, (4, 1, 1, 4));
            await RecordAsync(second, drive, round: 3, (40, 2, 2, 41));
            long bytes = disk.List().Where(static file => file.Name.EndsWith(".mcap", StringComparison.Ordinal))
                .Sum(static file => file.LengthBytes);
            Assert.InRange(bytes, 0, Options().SpoolBytesMax!.Value);
            link.Restore();
            await second.DrainAsync(Ct);
            ledger = second.Ledger;
        }

        await using AvClient client = AvClient.Connect(gateway.Address.OriginalString);
        List<Written> stored = await ReadAsync(client.Query());
        AssertWindows(stored);
        Assert.Equal(Truth(["/gnss"]), Of(stored, ["/gnss"]));
        Assert.Equal(Truth(s_previews), Of(stored, s_previews));
        Assert.InRange(stored.Count(static each => each.Topic == "/can"), 1, _written.Count(static each => each.Topic == "/can") / 2);
        foreach (TopicLedger topic in ledger.Topics.Where(static topic => topic.Topic != RecordingMark.Topic))
        {
            ulong offered = (ulong)_written.Count(each => each.Topic == topic.Topic && each.Round >= 2);
            ulong arrived = (ulong)stored.Count(each => each.Topic == topic.Topic && each.Recording == recordingId);
            Assert.Equal((offered, arrived, offered - arrived, 0UL), (topic.Accepted, topic.Delivered, topic.Evicted, topic.Pending));
        }

        List<string> marks = [];
        await foreach (Message<Mark> mark in client.Query().ReadAsync<Mark>(RecordingMark.Topic, Ct))
            marks.Add(mark.Value.Name);
        Assert.Equal(["m0-10", "m0-30", "m1-5", "m1-6", "m2-4", "m3-40"], marks);
    }

    private void AssertWindows(List<Written> stored)
    {
        Dictionary<(string, ulong, uint, string), int> counts = [];
        foreach (Written each in stored)
            counts[each.Key] = counts.GetValueOrDefault(each.Key) + 1;
        foreach ((ulong first, ulong last) in _windows)
        {
            List<Written> within = _written.FindAll(each => each.LogTime >= first && each.LogTime <= last);
            Assert.True(within.Count > 1000);
            Assert.All(within, each => Assert.Equal(1, counts.GetValueOrDefault(each.Key)));
        }
    }

    // Marks at a second of the round, so much before and after, told when the drive is at another second.
    private async Task RecordAsync(
        LocalRecorder recorder, string drive, ulong round, params (ulong At, int Before, int After, ulong Told)[] marks)
    {
        using McapStreamReader reader = new(File.OpenRead(drive));
        Queue<(ulong At, int Before, int After, ulong Told)> untold = new(marks);
        Dictionary<ushort, RecordingChannel> channels = [];
        ulong start = 0;
        while (await reader.ReadMessageAsync(Ct))
        {
            (RecordingChannel channel, MessageStamp stamp, byte[] payload) = Next(reader, recorder, channels, round * RoundNs);
            start = start == 0 ? stamp.LogTime : start;
            if (untold.TryPeek(out (ulong At, int Before, int After, ulong Told) mark)
                && stamp.LogTime >= start + (mark.Told * Second))
            {
                untold.Dequeue();
                ulong at = start + (mark.At * Second);
                Assert.Equal(MarkResult.Accepted, recorder.Mark(
                    $"m{round}-{mark.At}", at, TimeSpan.FromSeconds(mark.Before), TimeSpan.FromSeconds(mark.After)));
                _windows.Add((at - ((ulong)mark.Before * Second), at + ((ulong)mark.After * Second)));
            }

            ValueTask<WriteResult> writing = channel.WriteRawAsync(stamp, payload, Ct);
            Assert.Equal(
                WriteResult.Accepted,
                writing.IsCompleted ? await writing : await writing.AsTask().WaitAsync(TimeSpan.FromMinutes(1), Ct));
            _written.Add(new Written(
                channel.Spec.Topic, stamp.LogTime, stamp.Sequence, Hash(payload), round, recorder.RecordingId));
        }

        Assert.Empty(untold);
        await recorder.FlushAsync(Ct);
    }

    private static (RecordingChannel Channel, MessageStamp Stamp, byte[] Payload) Next(
        McapStreamReader reader, LocalRecorder recorder, Dictionary<ushort, RecordingChannel> channels, ulong shift)
    {
        McapMessageView message = reader.Message;
        McapChannel definition = reader.MessageChannel;
        if (!channels.TryGetValue(message.ChannelId, out RecordingChannel? channel))
        {
            SchemaSpec? schema = reader.Schemas.TryGetValue(definition.SchemaId, out McapSchema? known)
                ? new SchemaSpec(known.Name, known.Encoding, known.Data.ToArray())
                : null;
            channel = recorder.Channel(new ChannelSpec
            {
                Topic = definition.Topic,
                MessageEncoding = definition.MessageEncoding,
                Schema = schema,
            });
            channels.Add(message.ChannelId, channel);
        }

        MessageStamp stamp = new(message.LogTime + shift, message.PublishTime + shift, message.Sequence);
        return (channel, stamp, message.Data.ToArray());
    }

    private static async Task<List<Written>> ReadAsync(AvQuery query)
    {
        List<Written> stored = [];
        await foreach (RawMessage message in query.ReadRawAsync(Ct))
        {
            if (message.Topic != RecordingMark.Topic)
            {
                stored.Add(new Written(
                    message.Topic, message.LogTime, message.Sequence, Hash(message.Payload.Span), 0,
                    message.Origin.RecordingId));
            }
        }

        return stored;
    }

    private List<(string, ulong, uint, string)> Truth(string[] topics) => Of(_written, topics);

    private static List<(string, ulong, uint, string)> Of(List<Written> all, string[] topics) =>
    [
        .. all.Where(each => topics.Any(glob => AvSdk.Contracts.TopicGlob.Fits(glob, each.Topic)))
            .Select(static each => each.Key).Order(),
    ];

    private static string Hash(ReadOnlySpan<byte> payload) => Convert.ToHexString(SHA256.HashData(payload));

    private static RecorderOptions Options() => new()
    {
        VehicleId = "veh-042",
        FreeBytesMin = 0,
        SpoolBytesMax = 14 << 20,
        Lanes =
        [
            Lane("events") with { Priority = 100, Durability = LaneDurability.Sync },
            Lane("previews") with { Priority = 50, WhenFull = WhenFull.EvictOldest, QuotaBytes = 100 << 20 },
            Lane("full") with { WhenFull = WhenFull.Thin, QuotaBytes = 6 << 20 },
        ],
        LaneRules =
        [
            new LaneRule("/gnss", "events"), .. s_previews.Select(static topics => new LaneRule(topics, "previews")),
        ],
        DefaultLane = "full",
        Upload = new UploadOptions { RetryDelayMax = TimeSpan.FromMilliseconds(500) },
    };

    private static LaneOptions Lane(string name) => new()
    {
        Name = name,
        ChunkBytes = 128 << 10,
        QuotaBytes = 4 << 20,
        SegmentBytesMax = 1 << 20,
        Durability = LaneDurability.Memory,
    };

    private sealed record Written(
        string Topic, ulong LogTime, uint Sequence, string Sha256, ulong Round, Guid Recording)
    {
        public (string, ulong, uint, string) Key => (Topic, LogTime, Sequence, Sha256);
    }
}
