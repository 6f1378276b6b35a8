using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Recording.Ledger;
using AvSdk.Tests.Recording.Fakes;
using Google.Protobuf;

namespace AvSdk.Tests.Recording;

/// <summary>The ledger as a recorder keeps it: through drops, evictions, kills and gateways of all kinds.</summary>
public sealed class LedgerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_drop_and_every_chunk_is_told_to_the_gateway()
    {
        FakeGateway gateway = new()
        {
            Judge = static chunk => chunk.Sequence == 2
                ? new Receipt { Outcome = Receipt.Types.Outcome.Rejected, Reason = "No." }
                : null,
        };
        Bench bench = new() { Gateway = gateway };
        LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 300, 1000);
        channel.WriteRaw(Bench.At(400), new byte[bench.Options.MessageBytesMax + 1]);
        channel.CountLost(7, "cable");
        await recorder.DrainAsync(Ct);
        await recorder.DisposeAsync();

        LedgerReport report = ReportOf(gateway, recorder.RecordingId);
        TopicLedger topic = recorder.Ledger.Topics.Single();
        LedgerTopicReport told = report.Topics.Single();
        Assert.Equal((308UL, 8UL), (told.Offered, told.Dropped));
        Assert.Equal((topic.Delivered, topic.Damaged, 0UL), (told.Delivered, told.Damaged, told.Pending + told.Unannounced));
        Assert.InRange(told.Damaged, 1UL, 299UL);
        Assert.Equal(
            [("damaged", "rejected", told.Damaged), ("dropped", "cable", 7UL), ("dropped", "too_large", 1UL)],
            told.Reasons.Select(reason => (reason.End, reason.Reason, reason.Messages)));
        Assert.Equal(
            [(Bench.At(300).LogTime, "cable"), (Bench.At(400).LogTime, "too_large")],
            told.Missing.Where(missing => missing.End == "dropped")
                .Select(missing => (missing.FirstLogTime, missing.Reason)));
        Assert.True(report is { IsComplete: true, Orderly: true }, report.ToString());
        Assert.Equal(
            topic.Missing.Select(missing => (missing.FirstLogTime, missing.Messages)),
            told.Missing.Select(missing => (missing.FirstLogTime, missing.Messages)));
    }

    [Fact]
    public async Task A_segment_that_could_not_be_removed_keeps_its_ledger_so_that_no_other_is_told_in_its_name()
    {
        FakeGateway gateway = new();
        MemoryFiles files = new();
        files.BeforeDelete = static name =>
        {
            if (name.EndsWith(".mcap", StringComparison.Ordinal))
                throw new IOException("Input/output error.");
        };
        LocalRecorder recorder = await new Bench { Gateway = gateway, Files = files }.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 30, 1000);
        await recorder.DrainAsync(Ct);
        await recorder.DisposeAsync();
        Assert.Single(files.Segments);

        files.BeforeDelete = null;
        LocalRecorder next = await new Bench { Gateway = gateway, Files = files }.OpenAsync();
        await next.DrainAsync(Ct);
        await next.DisposeAsync();
        Assert.Empty(gateway.LedgerRefusals);
        LedgerReport report = ReportOf(gateway, recorder.RecordingId);
        Assert.True(report is { IsComplete: true, Orderly: true }, report.ToString());
        Assert.Equal(30UL, report.Topics.Single().Delivered);
        Assert.Equal(["journal"], files.Names);
    }

    [Fact]
    public async Task What_is_evicted_is_durable_in_the_ledger_before_its_segment_is_gone()
    {
        LaneOptions lane = Bench.Lane() with
        {
            QuotaBytes = 4 << 20,
            SegmentBytesMax = 1 << 20,
            WhenFull = WhenFull.EvictOldest,
            Durability = LaneDurability.Memory,
        };
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(lane) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        for (uint number = 1; number <= 300; number++)
        {
            channel.WriteRaw(Bench.At(number, number), Bench.Payload(number, 30_000));
            if (number % 10 == 0)
                await recorder.FlushAsync(Ct);
        }

        // The clock stood: no tick wrote it.
        LedgerScan scan = Scan(bench.Files.CopyDurable(), recorder.RecordingId);
        LedgerCount[] evicted = [.. scan.Entries.SelectMany(each => each.Entry.Chunks)
            .Where(static chunks => chunks is { End: LedgerChunks.Types.End.Evicted, Reason: "quota" })
            .SelectMany(static chunks => chunks.Counts)];
        TopicLedger topic = recorder.Ledger.Topics.Single();
        Assert.True(topic.Evicted > 0);
        Assert.Equal(topic.Evicted, evicted.Aggregate(0UL, static (sum, count) => sum + count.Messages));
        Assert.Equal(topic.Evicted, topic.Evictions["quota"]);
        MissingRange missing = Assert.Single(topic.Missing);
        Assert.Equal(
            (MessageEnd.Evicted, topic.Evicted, Bench.At(1).LogTime),
            (missing.End, missing.Messages, missing.FirstLogTime));
    }

    [Fact]
    public async Task After_a_kill_the_successor_tells_the_gap_and_the_drops_that_were_durable()
    {
        Bench killed = new();
        await using LocalRecorder first = await killed.OpenAsync();
        RecordingChannel channel = first.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 100, 1000);
        channel.WriteRaw(Bench.At(101), new byte[killed.Options.MessageBytesMax + 1]);
        await first.FlushAsync(Ct);
        RecordingToSpoolTests.WriteMany(channel, 200, 5, 1000);

        FakeGateway gateway = new();
        Bench bench = new() { Files = killed.Files.CopyDurable(), Gateway = gateway };
        LocalRecorder second = await bench.OpenAsync();
        await second.DrainAsync(Ct);
        await second.DisposeAsync();

        LedgerReport report = ReportOf(gateway, first.RecordingId);
        Assert.False(report.IsComplete);
        Assert.False(report.Orderly);
        LedgerTopicReport topic = report.Topics.Single();
        Assert.Equal((100UL, 1UL, 101UL), (topic.Delivered, topic.Dropped, topic.Offered));
        LedgerMissing unknown = topic.Missing.Single(static missing => missing.End == "unknown");
        Assert.Equal(
            (Bench.At(100).LogTime + 1, 0UL, "killed", 0UL),
            (unknown.FirstLogTime, unknown.LastLogTime, unknown.Reason, unknown.Messages));
        RecordingEnd end = gateway.Ends.Single(static end => !end.Orderly);
        Assert.Equal((1UL, "too_large"), (end.Losses.Single().Messages, end.Losses.Single().Reason));
        Assert.Equal(["journal"], bench.Files.Names);
    }

    [Fact]
    public async Task A_spool_of_an_earlier_version_gets_a_ledger_that_says_that_it_was_begun_afterwards()
    {
        Bench old = new();
        await using (LocalRecorder recorder = await old.OpenAsync())
        {
            RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
            RecordingToSpoolTests.WriteMany(channel, 1, 100, 1000);
            channel.CountLost(3, "cable");
        }

        string name = old.Files.Names.Single(static name => name.EndsWith(".ledger", StringComparison.Ordinal));
        old.Files.Delete(name);
        FakeGateway gateway = new();
        Bench bench = new() { Files = old.Files, Gateway = gateway };
        LocalRecorder second = await bench.OpenAsync();
        await second.DrainAsync(Ct);
        await second.DisposeAsync();

        LedgerTopicReport topic = ReportOf(gateway, Guid.Parse(name[..36])).Topics.Single();
        Assert.Equal((100UL, 3UL), (topic.Delivered, topic.Dropped));
        LedgerEntry first = LedgerEntry.Parser.ParseFrom(gateway.Ledgers[RecordingIds.ToBytes(Guid.Parse(name[..36]))][0]);
        Assert.True(first.Began.Afterwards);
    }

    [Fact]
    public async Task A_gateway_of_an_earlier_version_gets_everything_else_and_a_later_one_the_ledger()
    {
        FakeGateway gateway = new() { TakesLedger = false };
        Bench bench = new() { Gateway = gateway };
        LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 50, 1000);
        await recorder.DrainAsync(Ct);
        await recorder.DisposeAsync();
        Assert.Equal([$"{recorder.RecordingId:D}.ledger", "journal"], bench.Files.Names);
        Assert.DoesNotContain("Ledger", gateway.Requests);

        gateway.TakesLedger = true;
        Bench later = new() { Files = bench.Files, Gateway = gateway };
        LocalRecorder second = await later.OpenAsync();
        await Eventually.Holds(() => second.Status.Recovery.IsDone);
        await second.DisposeAsync();
        Assert.True(ReportOf(gateway, recorder.RecordingId).IsComplete);
        Assert.Equal(["journal"], bench.Files.Names);
    }

    [Fact]
    public async Task The_spools_files_alone_tell_what_is_pending_and_what_is_lost()
    {
        string folder = Directory.CreateTempSubdirectory("ledger-").FullName;
        try
        {
            RecorderOptions options = new() { VehicleId = "veh-042", SpoolFolder = folder, FreeBytesMin = 0 };
            LocalRecorder recorder = await LocalRecorder.OpenAsync(options, new RecorderPorts(), Ct);
            RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
            RecordingToSpoolTests.WriteMany(channel, 1, 20, 1000);
            channel.CountLost(2, "cable");
            await recorder.DisposeAsync();

            LedgerReport report = Assert.Single(SpoolReport.Read(folder, null));
            LedgerTopicReport topic = report.Topics.Single();
            Assert.Equal((20UL, 2UL, 22UL, 0UL), (topic.Pending, topic.Dropped, topic.Offered, topic.Unannounced));
            Assert.True(report.IsComplete);
            Assert.Empty(SpoolReport.Read(folder, Guid.CreateVersion7()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_drive_costs_less_than_a_thousandth_of_its_bytes()
    {
        string drive = SharedFiles.Require("drives", "rav4_60s.lz4.mcap");
        FakeGateway gateway = new();
        Bench bench = new()
        {
            Gateway = gateway,
            Options = new RecorderOptions { VehicleId = "veh-042", FreeBytesMin = 0 },
        };
        LocalRecorder recorder = await bench.OpenAsync();
        ulong second = 0;
        using (AvSdk.Mcap.McapStreamReader reader = new(File.OpenRead(drive)))
        {
            while (await reader.ReadMessageAsync(Ct))
            {
                AvSdk.Mcap.McapMessageView message = reader.Message;
                MessageStamp stamp = new(message.LogTime, message.PublishTime, message.Sequence);
                string topic = reader.Channels[message.ChannelId].Topic;
                Assert.Equal(WriteResult.Accepted, recorder.Channel(Bench.Spec(topic)).WriteRaw(stamp, message.Data));
                if (message.LogTime / 1_000_000_000 > second)
                {
                    second = message.LogTime / 1_000_000_000;
                    bench.Time.Advance(TimeSpan.FromSeconds(1));
                    await Eventually.Holds(() => gateway.IsTaken);
                }
            }
        }

        await recorder.DrainAsync(Ct);
        await recorder.DisposeAsync();
        long recorded = gateway.Stored.Values.Sum(static body => (long)body.Length);
        long ledger = gateway.Ledgers.Values.Sum(static entries => entries.Sum(static entry => entry.Length + 8L));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{ledger} bytes of ledger, {recorded} recorded: {(double)ledger / recorded:P3}, "
            + $"{gateway.Ledgers.Values.Single().Count} entries");
        Assert.True(ReportOf(gateway, recorder.RecordingId).IsComplete);
        Assert.InRange(ledger, 1, recorded / 1000);
    }

    private static LedgerScan Scan(MemoryFiles files, Guid recordingId) =>
        LedgerScan.Run(files.Read(LedgerFile.FileName(recordingId)));

    // As a gateway makes it.
    internal static LedgerReport ReportOf(FakeGateway gateway, Guid recordingId)
    {
        ByteString id = RecordingIds.ToBytes(recordingId);
        Define define = gateway.Recordings[id];
        return LedgerReconciliation.Reconcile(new LedgerSources
        {
            Recording = define.Recording,
            IsAtGateway = true,
            Channels = define.Channels,
            Entries = [.. gateway.Ledgers[id].Select(static bytes => LedgerEntry.Parser.ParseFrom(bytes))],
            Chunks = [.. gateway.Headers.Where(header => header.Ref.RecordingId == id).Select(header =>
                new LedgerChunkFact(
                    header.Ref.Lane, header.Ref.Sequence, gateway.Stored.ContainsKey(header.Ref), header.FirstLogTime,
                    header.LastLogTime, header.Sha256, header.Channels))],
        });
    }
}
