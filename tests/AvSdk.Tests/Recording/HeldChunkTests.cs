using AvSdk.Recording;
using AvSdk.Recording.Ledger;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

/// <summary>What holds of the ring that keeps chunks in memory while the disk refuses.</summary>
public sealed class HeldChunkTests
{
    private static readonly Guid SourceId = Guid.Parse("11111111-2222-4333-8444-555555555555");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static LaneOptions Evicting => Bench.Lane() with
    {
        WhenFull = WhenFull.EvictOldest,
        Durability = LaneDurability.Interval(TimeSpan.FromMinutes(1)),
    };

    [Fact]
    public async Task A_full_disk_loses_nothing_and_goes_on_when_somebody_frees_it()
    {
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(Bench.Lane()) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 10, 5000);
        // Accepted while there was room; then somebody else takes it.
        bench.Files.CapacityBytes = 20_000;
        await RefusedAsync(bench, recorder);
        Assert.Equal(10UL, recorder.Ledger.Accepted);

        bench.Files.CapacityBytes = long.MaxValue;
        await BackAsync(bench, recorder);
        await recorder.FlushAsync(Ct);
        Assert.Equal(Enumerable.Range(1, 10), Sequences(bench));
        Assert.Equal((10UL, 0UL), (recorder.Ledger.Accepted, recorder.Ledger.Dropped));
    }

    [Theory]
    [InlineData(WhenFull.Refuse)]
    [InlineData(WhenFull.EvictOldest)]
    public async Task On_a_disk_that_somebody_filled_to_the_last_byte_what_was_delivered_or_may_be_evicted_goes(WhenFull whenFull)
    {
        Bench bench = new()
        {
            Gateway = whenFull == WhenFull.Refuse ? new FakeGateway() : null,
            Files = new MemoryFiles { CapacityBytes = 32 << 20 },
            Options = RecordingToSpoolTests.OptionsOf(Evicting with
            {
                WhenFull = whenFull,
                SegmentBytesMax = 1 << 20,
                SegmentAgeMax = TimeSpan.FromSeconds(1),
                KeepAfterReceipt = TimeSpan.FromDays(1),
            }),
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
        RecordingChannel channel = source.Channel(Bench.Spec("/imu"));
        for (uint round = 0; round < 8; round++)
        {
            RecordingToSpoolTests.WriteMany(channel, 1 + (round * 10), 10, 30_000);
            await recorder.FlushAsync(Ct);
            bench.Time.Advance(TimeSpan.FromSeconds(2));
        }

        if (whenFull == WhenFull.Refuse)
            await recorder.DrainAsync(Ct);
        await Eventually.Holds(() => bench.Files.Segments.Count >= 8);
        // Not a byte is left for the journal to say that anything goes, but for the spool's own reserve.
        bench.Files.CapacityBytes -= bench.Files.FreeBytes;
        RecordingToSpoolTests.WriteMany(channel, 81, 10, 30_000);
        Task flush = recorder.FlushAsync(Ct);
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromMilliseconds(100));
            return flush.IsCompleted;
        });
        await flush;
        Assert.Equal((90UL, 0UL), (recorder.Ledger.Accepted, recorder.Ledger.Dropped));
        Assert.Equal(90UL, source.DurablePositions["/imu"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_source_is_not_told_of_what_is_only_in_memory(int durability)
    {
        LaneDurability[] all =
            [LaneDurability.Memory, LaneDurability.Interval(TimeSpan.FromMinutes(1)), LaneDurability.Sync];
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(Bench.Lane() with { Durability = all[durability] }) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
        RecordingChannel channel = source.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 10, 1000);
        await recorder.FlushAsync(Ct);
        bench.Files.BeforeAppend = Refuse(".mcap");
        for (uint round = 1; round < 4; round++)
        {
            RecordingToSpoolTests.WriteMany(channel, 1 + (round * 10), 10, 1000);
            await RefusedAsync(bench, recorder);
        }

        Assert.Equal(40UL, source.AcceptedPositions["/imu"]);
        Assert.Equal(10UL, source.DurablePositions["/imu"]);
        Assert.Equal(1UL, recorder.Status.Lanes[0].LastSequence);

        bench.Files.BeforeAppend = null;
        await BackAsync(bench, recorder);
        await recorder.FlushAsync(Ct);
        Assert.Equal(40UL, source.DurablePositions["/imu"]);
        Assert.Equal(Enumerable.Range(1, 40), Sequences(bench));
    }

    // What comes after a loss says how far its sources have come, and so answers for the loss.
    [Fact]
    public async Task A_source_is_told_of_what_came_after_a_loss_only_when_the_ledger_has_the_loss()
    {
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(Evicting) with { MemoryBytesMax = 1 << 20, MessageBytesMax = 64 << 10 },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
        RecordingChannel channel = source.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 10, 1000);
        await recorder.FlushAsync(Ct);
        bench.Files.BeforeAppend = Refuse(".mcap");
        bench.Files.BeforeFlush = Refuse(".ledger");
        uint number = 10;
        while (recorder.Status.Disk.DroppedChunks == 0)
        {
            Assert.Equal(WriteResult.Accepted, channel.WriteRaw(Bench.At(++number, number), Bench.Payload(number, 60_000)));
            await RefusedAsync(bench, recorder);
        }

        // The disk takes segments again, and no ledger: nobody would know of the loss after a power cut.
        bench.Files.BeforeAppend = null;
        for (int time = 0; time < 20; time++)
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(10UL, source.DurablePositions["/imu"]);
        Assert.True(recorder.Status.Disk.Refuses);
        bench.Files.BeforeFlush = null;
        await BackAsync(bench, recorder);
        ulong lost = recorder.Ledger.Topics.Single().Drops["disk"];
        MemoryFiles disk = bench.Files.CopyDurable();
        LedgerScan told = LedgerScan.Run(disk.Read(disk.Names.Single(name => name.EndsWith(".ledger", StringComparison.Ordinal))));
        Assert.Equal(
            lost,
            told.Entries.SelectMany(each => each.Entry.Drops).Where(drop => drop.Reason == "disk")
                .Aggregate(0UL, (sum, drop) => sum + drop.Messages));

        await Assert.ThrowsAsync<RecorderException>(() => recorder.FlushAsync(Ct));
        Assert.Equal((ulong)number, source.DurablePositions["/imu"]);
        Assert.Equal(number, lost + (ulong)Sequences(bench).Count());
    }

    [Fact]
    public async Task A_writer_that_waits_takes_no_memory_from_chunks_of_its_own_lane()
    {
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(Evicting) with { MemoryBytesMax = 1 << 20, MessageBytesMax = 64 << 10 },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        bench.Files.BeforeAppend = Refuse(".mcap");
        uint number = 0;
        Task<WriteResult> write;
        do
        {
            write = channel.WriteRawAsync(Bench.At(++number, number), Bench.Payload(number, 60_000), Ct).AsTask();
            await RefusedAsync(bench, recorder);
        }
        while (write.IsCompleted);

        bench.Files.BeforeAppend = null;
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return write.IsCompleted;
        });
        Assert.Equal(WriteResult.Accepted, await write);
        await BackAsync(bench, recorder);
        await recorder.FlushAsync(Ct);
        Assert.Equal(Enumerable.Range(1, (int)number), Sequences(bench));
    }

    [Fact]
    public async Task Other_options_wait_until_what_came_before_is_written()
    {
        Bench bench = new();
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        bench.Files.BeforeAppend = Refuse(".mcap");
        for (uint round = 0; round < 3; round++)
        {
            RecordingToSpoolTests.WriteMany(channel, 1 + (round * 10), 10, 1000);
            await RefusedAsync(bench, recorder);
        }

        RecorderOptions other = bench.Options with
        {
            Lanes = [bench.Options.Lanes[0] with { Durability = LaneDurability.Memory }],
        };
        Task<IReadOnlyList<OptionProblem>> reconfigured = recorder.ReconfigureAsync(other, Ct);
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        await Task.Yield();
        Assert.False(reconfigured.IsCompleted);

        bench.Files.BeforeAppend = null;
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return reconfigured.IsCompleted;
        });
        Assert.Empty(await reconfigured);
        // Under the old contract, so they outlive the power.
        Assert.Equal(30, new Bench { Files = bench.Files.CopyDurable() }.ReadAll().Count);
    }

    private static Action<string> Refuse(string extension) => name =>
    {
        if (name.Contains(extension, StringComparison.Ordinal))
            throw new IOException("EIO");
    };

    private static IEnumerable<int> Sequences(Bench bench) => bench.ReadAll().Select(message => (int)message.Sequence);

    private static async Task RefusedAsync(Bench bench, LocalRecorder recorder)
    {
        Task flush = recorder.FlushAsync(Ct);
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return flush.IsCompleted && recorder.Status.Disk.Refuses;
        });
        await Assert.ThrowsAsync<RecorderException>(() => flush);
    }

    private static Task BackAsync(Bench bench, LocalRecorder recorder) => Eventually.Holds(() =>
    {
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        return !recorder.Status.Disk.Refuses;
    });
}
