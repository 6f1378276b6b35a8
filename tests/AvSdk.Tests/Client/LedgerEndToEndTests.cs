using System.Net;
using System.Text.Json;
using AvSdk.Mcap;
using AvSdk.Query;
using AvSdk.Recording;
using AvSdk.Sources;
using AvSdk.Testing;
using AvSdk.Tests.Gateway;
using AvSdk.Uplink;

namespace AvSdk.Tests.Client;

public sealed class LedgerEndToEndTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_a_drive_that_did_not_fit_every_message_is_accounted_for_by_topic_and_time()
    {
        string drive = SharedFiles.Require("drives", "rav4_60s.lz4.mcap");
        // One message in five hundred is refused as too large.
        List<int> sizes = [.. (await ReadAsync(drive, 0)).Values.SelectMany(static messages => messages)
            .Select(static message => message.Bytes).OrderDescending()];
        int largest = sizes[sizes.Count / 500];
        using TempFolder folder = new();
        await using InProcessGateway gateway = await InProcessGateway.StartAsync(Token);
        await gateway.StopAsync(Token);
        RecorderOptions options = new()
        {
            VehicleId = "veh-042",
            SpoolFolder = folder.At("spool"),
            FreeBytesMin = 0,
            MessageBytesMax = largest,
            Upload = new UploadOptions { RetryDelay = TimeSpan.FromMilliseconds(20), RetryDelayMax = TimeSpan.FromMilliseconds(50) },
            Lanes =
            [
                new LaneOptions
                {
                    Name = "all",
                    ChunkBytes = 256 << 10,
                    QuotaBytes = 4 << 20,
                    SegmentBytesMax = 1 << 20,
                    WhenFull = WhenFull.EvictOldest,
                },
            ],
        };
        RecorderPorts ports = new() { Uplink = new GrpcUplink(gateway.Address.OriginalString) };
        LocalRecorder recorder = await LocalRecorder.OpenAsync(options, ports, Token);
        await new McapReplay(drive).RunAsync(recorder, 0, TimeProvider.System, null, Token);
        await recorder.FlushAsync(Token);
        await gateway.StartAgainAsync(Token);
        await recorder.DrainAsync(Token);
        await recorder.DisposeAsync();

        await using AvClient client = AvClient.Connect(gateway.Address.OriginalString);
        RecordingLedger ledger = await client.Recordings.LedgerAsync(recorder.RecordingId, Token);
        Dictionary<string, List<(ulong LogTime, bool IsTooLarge, int Bytes)>> truth = await ReadAsync(drive, largest);
        Dictionary<string, HashSet<ulong>> arrived = [];
        await foreach (RawMessage message in client.Query().Vehicles("veh-042").ReadRawAsync(Token))
        {
            if (!arrived.TryGetValue(message.Topic, out HashSet<ulong>? times))
                arrived.Add(message.Topic, times = []);
            times.Add(message.LogTime);
        }

        Assert.True(ledger is { IsComplete: true, Orderly: true, Presence: LedgerPresence.Ended });
        Assert.Empty(ledger.Disagreements);
        ulong evicted = 0, dropped = 0;
        foreach ((string name, List<(ulong LogTime, bool IsTooLarge, int Bytes)> messages) in truth)
        {
            LedgerTopic topic = ledger.Topics.Single(topic => topic.Topic == name);
            TopicLedger own = recorder.Ledger.Topics.Single(topic => topic.Topic == name);
            Assert.Equal((ulong)messages.Count, topic.Offered);
            Assert.Equal((ulong)messages.Count(message => message.IsTooLarge), topic.Dropped);
            Assert.Equal((own.Delivered, own.Evicted, 0UL), (topic.Delivered, topic.Evicted, topic.Pending + topic.Unannounced));
            HashSet<ulong> there = arrived.GetValueOrDefault(name, []);
            foreach ((ulong at, bool isTooLarge, _) in messages.Where(message => !there.Contains(message.LogTime)))
            {
                string end = isTooLarge ? "dropped" : "evicted";
                Assert.Contains(topic.Missing, range => range.End == end && range.FirstLogTime <= at && at <= range.LastLogTime);
            }

            evicted += topic.Evicted;
            dropped += topic.Dropped;
        }

        Assert.True(evicted > 0 && dropped > 0, $"{evicted} evicted, {dropped} dropped");

        using HttpClient http = new() { BaseAddress = gateway.WebAddress };
        using JsonDocument json = JsonDocument.Parse(
            await http.GetStringAsync($"/v1/ledger.json?recording={recorder.RecordingId}", Token));
        Assert.True(json.RootElement.GetProperty("isComplete").GetBoolean());
        Assert.Equal(ledger.Topics.Count, json.RootElement.GetProperty("topics").GetArrayLength());
        Assert.Equal(
            HttpStatusCode.NotFound, (await http.GetAsync($"/v1/ledger.json?recording={Guid.NewGuid()}", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync("/v1/ledger.json", Token)).StatusCode);
        await Assert.ThrowsAsync<AvQueryException>(() => client.Recordings.LedgerAsync(Guid.CreateVersion7(), Token));
    }

    private static async Task<Dictionary<string, List<(ulong LogTime, bool IsTooLarge, int Bytes)>>> ReadAsync(
        string drive, int largest)
    {
        Dictionary<string, List<(ulong, bool, int)>> truth = [];
        using McapStreamReader reader = new(File.OpenRead(drive));
        while (await reader.ReadMessageAsync(Token))
        {
            string topic = reader.Channels[reader.Message.ChannelId].Topic;
            if (!truth.TryGetValue(topic, out List<(ulong, bool, int)>? messages))
                truth.Add(topic, messages = []);
            messages.Add((reader.Message.LogTime, reader.Message.Data.Length > largest, reader.Message.Data.Length));
        }

        return truth;
    }
}
