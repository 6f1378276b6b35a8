using System.Buffers;
using AvSdk.Contracts.V1;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

/// <summary>
/// One vehicle through many power cuts and broken links, seeded: whatever was cut and resent, the gateway has every
/// message of the source once.
/// </summary>
public sealed class PowerCutTests
{
    private static readonly Guid SourceId = Guid.Parse("11111111-2222-4333-8444-555555555555");
    private static readonly string[] Topics = ["/imu", "/gnss", "/camera"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Every_message_arrives_once_whatever_was_cut(int seed)
    {
        Random random = new(seed);
        FakeGateway gateway = new() { PartBytesMax = 4096 };
        MemoryFiles files = new();
        ManualTime time = new();
        Dictionary<string, ulong> written = [];
        for (int run = 0; run < 6; run++)
        {
            bool isLast = run == 5;
            gateway.CutAfterParts = isLast ? 0 : gateway.Parts.Count + random.Next(1, 60);
            Bench bench = new() { Files = files, Gateway = gateway, Time = time, Options = OptionsOf(random, isLast) };
            LocalRecorder recorder = await bench.OpenAsync();
            RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
            await WriteSomeAsync(recorder, source, random, written);
            if (isLast)
            {
                await UploadTests.DrainThroughRetriesAsync(bench, recorder);
                await recorder.DisposeAsync();
                break;
            }

            // What was durable stays durable; of the rest anything may be there.
            Dictionary<string, ulong> durable = new(source.DurablePositions);
            gateway.Cut();
            files = files.CopyAfterPowerCut(random);
            foreach (string topic in Topics)
                written[topic] = durable.GetValueOrDefault(topic);
            await recorder.DisposeAsync();
            time.Advance(TimeSpan.FromSeconds(random.Next(1, 100)));
        }

        foreach (string topic in Topics)
        {
            IEnumerable<uint> expected = Enumerable.Range(1, (int)written[topic]).Select(number => (uint)number);
            Assert.Equal(expected, Arrived(gateway, topic).Order());
        }

        // Ledgers too: every recording's was told.
        Assert.Empty(gateway.LedgerRefusals);
        Assert.Equal(["journal"], files.Names);
    }

    private static async Task WriteSomeAsync(
        LocalRecorder recorder, RecordingSource source, Random random, Dictionary<string, ulong> written)
    {
        RecordingChannel[] channels = [.. Topics.Select(topic => source.Channel(Bench.Spec(topic)))];
        int count = random.Next(0, 200);
        // The recorder may have more than the client knows: those are passed over.
        foreach (string topic in Topics)
            Assert.True(source.AcceptedPosition(topic) >= written.GetValueOrDefault(topic));
        for (int at = 0; at < count; at++)
        {
            int which = random.Next(Topics.Length);
            uint number = (uint)source.AcceptedPosition(Topics[which]) + 1;
            int bytes = which == 2 ? random.Next(1000, 20_000) : random.Next(8, 200);
            await channels[which].WriteRawAsync(Bench.At(number, number), Bench.Payload(number, bytes), Ct);
            if (random.Next(40) == 0)
                await recorder.FlushAsync(Ct);
        }

        foreach (string topic in Topics)
            written[topic] = source.AcceptedPosition(topic);
    }

    private static RecorderOptions OptionsOf(Random random, bool isLast)
    {
        LaneDurability durability = random.Next(2) == 0
            ? LaneDurability.Sync
            : LaneDurability.Interval(TimeSpan.FromSeconds(30));
        return RecordingToSpoolTests.OptionsOf(
            Bench.Lane() with { Durability = durability, SegmentBytesMax = 1 << 20 }) with
        {
            // The clock stands: waiting for a link that is cut would never end.
            Upload = new UploadOptions { DrainTimeout = isLast ? TimeSpan.FromSeconds(10) : TimeSpan.Zero },
        };
    }

    private static List<uint> Arrived(FakeGateway gateway, string topic)
    {
        List<uint> numbers = [];
        foreach ((ChunkRef chunk, byte[] body) in gateway.Stored)
        {
            Dictionary<uint, string> topics = gateway.Recordings[chunk.RecordingId].Channels
                .ToDictionary(channel => channel.ChannelId, channel => channel.Topic);
            using IMemoryOwner<byte> records = ChunkBody.Decompress(body);
            foreach (McapMessageView message in ChunkBody.Messages(records.Memory.Span))
            {
                if (topics[message.ChannelId] == topic)
                    numbers.Add(message.Sequence);
            }
        }

        return numbers;
    }
}
