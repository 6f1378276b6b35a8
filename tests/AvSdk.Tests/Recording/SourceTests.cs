using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class SourceTests
{
    private static readonly Guid SourceId = Guid.Parse("11111111-2222-4333-8444-555555555555");

    private static readonly Guid OtherId = Guid.Parse("99999999-2222-4333-8444-555555555555");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Positions_become_durable_with_their_chunk_and_the_source_is_told()
    {
        await using LocalRecorder recorder = await new Bench().OpenAsync();
        RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
        Assert.Empty(source.DurablePositions);
        int told = 0;
        source.DurablePositionsAdvanced += (_, _) => told++;
        RecordingToSpoolTests.WriteMany(source.Channel(Bench.Spec("/imu")), 1, 5, 100);

        Assert.Equal(5UL, source.AcceptedPositions["/imu"]);
        Assert.Empty(source.DurablePositions);
        await recorder.FlushAsync(Ct);
        Assert.Equal(5UL, source.DurablePositions["/imu"]);
        Assert.Equal(1, told);
        Assert.Same(source, await recorder.OpenSourceAsync(SourceId, Ct));
    }

    [Fact]
    public async Task After_a_kill_a_source_goes_on_where_its_last_whole_chunk_ended_and_every_message_is_there_once()
    {
        Bench bench = new();
        uint sent = 0;
        List<MemoryFiles> disks = [];
        for (int run = 0; run < 4; run++)
        {
            LocalRecorder recorder = await bench.OpenAsync();
            RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
            RecordingChannel channel = source.Channel(Bench.Spec("/imu"));
            Assert.Equal((ulong)sent, source.AcceptedPosition("/imu"));
            RecordingToSpoolTests.WriteMany(channel, sent + 1, 10, 100);
            await recorder.FlushAsync(Ct);
            sent += 10;

            // These are in no chunk when the process is killed: the client sends them again.
            RecordingToSpoolTests.WriteMany(channel, sent + 1, 5, 100);
            bench = new Bench { Files = bench.Files.Copy(), Time = Later(run) };
            await recorder.DisposeAsync();
        }

        await using LocalRecorder last = await bench.OpenAsync();
        await Eventually.Holds(() => last.Status.Recovery.IsDone);
        Assert.Equal(
            Enumerable.Range(1, 40).Select(number => (uint)number),
            bench.ReadAll().Select(message => message.Sequence).Order());
        Assert.Equal(40UL, last.GetSourcePositions(SourceId)["/imu"]);
    }

    [Fact]
    public async Task Positions_outlive_the_segments_that_held_them()
    {
        Bench bench = new() { Gateway = new FakeGateway() };
        LocalRecorder recorder = await bench.OpenAsync();
        RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
        RecordingToSpoolTests.WriteMany(source.Channel(Bench.Spec("/imu")), 1, 5, 100);
        await recorder.DrainAsync(Ct);
        await recorder.DisposeAsync();
        Assert.Empty(bench.Files.Segments);

        // The power went off right after the segment was deleted.
        Bench after = new() { Files = bench.Files.CopyDurable() };
        await using LocalRecorder second = await after.OpenAsync();
        RecordingSource again = await second.OpenSourceAsync(SourceId, Ct);
        Assert.Equal(5UL, again.DurablePositions["/imu"]);
        Assert.Equal(5UL, again.AcceptedPositions["/imu"]);
    }

    [Fact]
    public async Task A_segment_stays_until_the_journal_has_its_positions()
    {
        bool fails = true;
        LaneOptions lane = Bench.Lane() with { SegmentAgeMax = TimeSpan.FromSeconds(1) };
        Bench bench = new() { Gateway = new FakeGateway(), Options = RecordingToSpoolTests.OptionsOf(lane) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
        RecordingToSpoolTests.WriteMany(source.Channel(Bench.Spec("/imu")), 1, 5, 100);
        await recorder.DrainAsync(Ct);
        int refused = 0;
        bench.Files.BeforeFlush = name =>
        {
            if (!Volatile.Read(ref fails) || !name.StartsWith("journal", StringComparison.Ordinal))
                return;
            Interlocked.Increment(ref refused);
            throw new IOException("EIO");
        };
        // The segment becomes old and is closed; all of it is delivered.
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return Volatile.Read(ref refused) > 4;
        });
        Assert.Single(bench.Files.Segments);

        Volatile.Write(ref fails, false);
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return bench.Files.Segments.Count == 0;
        });
        Bench after = new() { Files = bench.Files.CopyDurable() };
        await using LocalRecorder second = await after.OpenAsync();
        Assert.Equal(5UL, second.GetSourcePositions(SourceId)["/imu"]);
    }

    [Fact]
    public async Task Nothing_is_evicted_for_room_while_the_journal_cannot_take_its_positions()
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
        RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
        RecordingChannel channel = source.Channel(Bench.Spec("/imu"));
        bench.Files.BeforeFlush = name =>
        {
            if (name.StartsWith("journal", StringComparison.Ordinal))
                throw new IOException("EIO");
        };
        for (uint round = 0; round < 20; round++)
        {
            RecordingToSpoolTests.WriteMany(channel, 1 + (round * 10), 10, 30_000);
            Task flush = recorder.FlushAsync(Ct);
            await Eventually.Holds(() =>
            {
                bench.Time.Advance(TimeSpan.FromMilliseconds(100));
                return flush.IsCompleted;
            });
            if (flush.IsFaulted)
                await Assert.ThrowsAsync<RecorderException>(() => flush);
        }

        // The oldest stay: what the quota has no room for without them waits in memory.
        Assert.Equal(0UL, recorder.Ledger.Topics.Single().Evicted);
        Assert.Equal(1U, bench.ReadAll()[0].Sequence);
        Assert.True(recorder.Status.Disk.HeldChunks > 0);
        bench.Files.BeforeFlush = null;
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return !recorder.Status.Disk.Refuses;
        });
        await recorder.FlushAsync(Ct);
        Assert.Equal((200UL, 0UL), (recorder.Ledger.Accepted, recorder.Ledger.Dropped));
        Assert.True(recorder.Ledger.Topics.Single().Evicted > 0);
    }

    [Fact]
    public async Task A_refused_message_counts_an_ordinal_too()
    {
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(Bench.Lane()) with { MessageBytesMax = 100 } };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
        RecordingChannel channel = source.Channel(Bench.Spec("/imu"));
        channel.WriteRaw(Bench.At(1, 1), new byte[101]);
        await channel.WriteRawAsync(Bench.At(2, 2), new byte[100], Ct);
        await recorder.FlushAsync(Ct);

        Assert.Equal(2UL, source.DurablePositions["/imu"]);
    }

    [Fact]
    public async Task Two_sources_of_one_topic_are_counted_apart()
    {
        await using LocalRecorder recorder = await new Bench().OpenAsync();
        RecordingSource one = await recorder.OpenSourceAsync(SourceId, Ct);
        RecordingSource other = await recorder.OpenSourceAsync(Guid.NewGuid(), Ct);
        RecordingToSpoolTests.WriteMany(one.Channel(Bench.Spec("/imu")), 1, 3, 100);
        RecordingToSpoolTests.WriteMany(other.Channel(Bench.Spec("/imu")), 1, 4, 100);
        await recorder.FlushAsync(Ct);

        Assert.Equal(3UL, one.DurablePositions["/imu"]);
        Assert.Equal(4UL, other.DurablePositions["/imu"]);
        Assert.Equal(7UL, recorder.Ledger.Topics.Single().Accepted);
    }

    [Fact]
    public async Task A_source_waits_for_what_a_kill_left_torn_and_not_for_sealed_segments()
    {
        Bench bench = await KilledAsync(segments: 4);
        string[] names = [.. bench.Files.Segments];
        Assert.Equal(4, names.Length);
        using ManualResetEventSlim looksAtChunks = new();
        bench.Files.BeforeRead = (name, offset) =>
        {
            // What is sealed is read from its beginning only when its chunks are looked at.
            if (offset == 0 && name != names[^1] && names.Contains(name))
                looksAtChunks.Wait(Ct);
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
        RecordingSource other = await recorder.OpenSourceAsync(OtherId, Ct);

        Assert.False(recorder.Status.Recovery.IsDone);
        Assert.Equal(80UL, source.AcceptedPositions["/imu"]);
        Assert.Equal(1UL, other.AcceptedPositions["/imu"]);
        looksAtChunks.Set();
        await Eventually.Holds(() => recorder.Status.Recovery.IsDone);
        Assert.Equal(4, recorder.Status.Recovery.Segments);
        Assert.Equal(80UL, recorder.GetSourcePositions(SourceId)["/imu"]);
    }

    [Fact]
    public async Task A_source_waits_for_a_sealed_segment_whose_end_does_not_tell_how_far_it_had_come()
    {
        Bench bench = await KilledAsync(segments: 2);
        string name = bench.Files.Segments[0];
        byte[] bytes = bench.Files.Read(name);
        McapScan scan = McapScan.Run(new MemorySource(bytes));
        McapScannedRecord positions = Assert.Single(scan.PrivateRecords, static record => record.Opcode == 0x81);
        Assert.Equal(scan.DataEndOffset, positions.End);
        for (long at = positions.Offset; at < positions.End; at++)
        {
            Bench damaged = new() { Options = bench.Options, Files = bench.Files.Copy(), Time = Later(9) };
            damaged.Files.Write(name, [.. bytes[..(int)at], (byte)(bytes[at] ^ 0x10), .. bytes[((int)at + 1)..]]);
            await using LocalRecorder recorder = await damaged.OpenAsync();
            RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
            // The length of the record is the framing of the file: where that breaks, its chunks are whole all the same.
            Assert.Equal(40UL, source.AcceptedPositions["/imu"]);
        }
    }

    // Sealed segments and one that was not; another source has a message in the first.
    private static async Task<Bench> KilledAsync(int segments)
    {
        RecorderOptions options = new Bench().Options;
        options = options with { Lanes = [Bench.Lane() with { SegmentBytesMax = 1 << 20, ChunkBytes = 1 << 20 }] };
        Bench bench = new() { Options = options };
        LocalRecorder recorder = await bench.OpenAsync();
        RecordingSource other = await recorder.OpenSourceAsync(OtherId, Ct);
        RecordingToSpoolTests.WriteMany(other.Channel(Bench.Spec("/imu")), 1, 1, 100);
        RecordingSource source = await recorder.OpenSourceAsync(SourceId, Ct);
        RecordingChannel channel = source.Channel(Bench.Spec("/imu"));
        for (uint segment = 0; segment < segments; segment++)
        {
            RecordingToSpoolTests.WriteMany(channel, (segment * 20) + 1, 20, 60_000);
            await recorder.FlushAsync(Ct);
        }

        Bench killed = new() { Options = options, Files = bench.Files.Copy(), Time = Later(1) };
        await recorder.DisposeAsync();
        return killed;
    }

    // Recording ids are by time and by a random source that begins anew in each run.
    private static ManualTime Later(int run)
    {
        ManualTime time = new();
        time.Advance(TimeSpan.FromMinutes(run + 1));
        return time;
    }
}
