using AvSdk.Recording;
using AvSdk.Recording.Chunking;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class MemoryAndQuotaTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writing_a_message_allocates_nothing()
    {
        LaneOptions lane = Bench.Lane() with { ChunkBytes = 4 << 20 };
        await using LocalRecorder recorder = await new Bench { Options = RecordingToSpoolTests.OptionsOf(lane) }.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        byte[] payload = new byte[100];
        PayloadEncoder<int> clear = static (_, destination) => destination.Clear();
        for (int number = 0; number < 5000; number++)
        {
            channel.WriteRaw(Bench.At(1), payload);
            channel.Write(Bench.At(1), 100, number, clear);
        }

        // Within what the builder has grown to, and its index has: what is bought is for many messages, not for each.
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int number = 0; number < 1000; number++)
        {
            channel.WriteRaw(Bench.At(1), payload);
            channel.Write(Bench.At(1), 100, number, clear);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task A_full_memory_drops_counts_and_recovers()
    {
        Bench bench = Stuck(out TaskCompletionSource release);
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        int accepted = 0;
        WriteResult result = WriteResult.Accepted;
        for (uint number = 1; number <= 100 && result == WriteResult.Accepted; number++)
        {
            result = channel.WriteRaw(Bench.At(number, number), Bench.Payload(number, 30_000));
            accepted += result == WriteResult.Accepted ? 1 : 0;
        }

        Assert.Equal(WriteResult.DroppedMemoryFull, result);
        Assert.InRange(accepted, 10, 40);
        Assert.InRange(recorder.Status.MemoryBytes, 1, 1 << 20);
        Assert.Equal(1UL, recorder.Ledger.Topics.Single().Drops["memory_full"]);

        release.SetResult();
        await recorder.FlushAsync(Ct);
        Assert.Equal(WriteResult.Accepted, channel.WriteRaw(Bench.At(999, 999), Bench.Payload(999, 30_000)));
        await recorder.FlushAsync(Ct);
        Assert.Equal(0, recorder.Status.MemoryBytes);
        Assert.Equal(accepted + 1, bench.ReadAll().Count);
    }

    [Fact]
    public async Task A_writer_that_can_wait_waits_for_memory_and_loses_nothing()
    {
        Bench bench = Stuck(out TaskCompletionSource release);
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
            uint number = 0;
            ValueTask<WriteResult> write;
            do
            {
                number++;
                write = channel.WriteRawAsync(Bench.At(number, number), Bench.Payload(number, 30_000), Ct);
            }
            while (write.IsCompleted);
            release.SetResult();
            Assert.Equal(WriteResult.Accepted, await write);
            for (number++; number <= 200; number++)
            {
                Assert.Equal(
                    WriteResult.Accepted,
                    await channel.WriteRawAsync(Bench.At(number, number), Bench.Payload(number, 30_000), Ct));
            }

            Assert.Equal(0UL, recorder.Ledger.Dropped);
        }

        Assert.Equal(
            Enumerable.Range(1, 200).Select(number => (uint)number),
            bench.ReadAll().Select(message => message.Sequence));
    }

    [Fact]
    public async Task A_writer_that_waits_gives_up_when_it_is_cancelled()
    {
        Bench bench = Stuck(out TaskCompletionSource release);
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        using CancellationTokenSource cancel = new();
        ValueTask<WriteResult> write;
        do
        {
            write = channel.WriteRawAsync(Bench.At(1), new byte[30_000], cancel.Token);
        }
        while (write.IsCompleted);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await write);
        release.SetResult();
    }

    [Fact]
    public async Task A_lane_that_refuses_drops_at_its_quota_and_keeps_what_it_has()
    {
        LaneOptions lane = Bench.Lane() with { QuotaBytes = 4 << 20, SegmentBytesMax = 1 << 20 };
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(lane) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        (int accepted, int refused, WriteResult last) = await FillAsync(recorder, channel, 300);

        Assert.Equal(WriteResult.DroppedSpoolFull, last);
        Assert.Equal((ulong)refused, recorder.Ledger.Topics.Single().Drops["spool_full"]);
        Assert.Equal(accepted, bench.ReadAll().Count);
        Assert.InRange(bench.Files.Segments.Sum(name => (long)bench.Files.Read(name).Length), 3 << 20, 4 << 20);
    }

    [Fact]
    public async Task A_lane_that_evicts_deletes_its_oldest_segments_and_counts_them()
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
        (int accepted, _, WriteResult last) = await FillAsync(recorder, channel, 300);

        Assert.Equal(WriteResult.Accepted, last);
        TopicLedger topic = recorder.Ledger.Topics.Single();
        List<uint> kept = [.. bench.ReadAll().Select(message => message.Sequence)];
        Assert.InRange(topic.Evicted, 1UL, 250UL);
        Assert.Equal((ulong)accepted, topic.Evicted + (ulong)kept.Count);
        Assert.Equal(300U, kept[^1]);
        Assert.True(bench.Files.Segments.Sum(name => (long)bench.Files.Read(name).Length) <= 4 << 20);
        Assert.Equal((long)topic.Pending, kept.Count);
    }

    [Fact]
    public async Task The_disk_keeps_its_free_space_and_a_waiting_writer_goes_on_when_there_is_some_again()
    {
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane()) with { FreeBytesMin = 1 << 20 },
            Files = new MemoryFiles { CapacityBytes = 3 << 20 },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        (int accepted, _, WriteResult last) = await FillAsync(recorder, channel, 300);
        Assert.Equal(WriteResult.DroppedSpoolFull, last);
        Assert.True(recorder.Status.Lanes[0].IsFull);
        Assert.InRange(bench.Files.FreeBytes, 800 << 10, (1 << 20) + (100 << 10));

        ValueTask<WriteResult> waiting = channel.WriteRawAsync(Bench.At(1), new byte[30_000], Ct);
        Assert.False(waiting.IsCompleted);
        bench.Files.CapacityBytes = 10 << 20;
        bench.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(WriteResult.Accepted, await waiting);
        await recorder.FlushAsync(Ct);
        Assert.Equal(accepted + 1, bench.ReadAll().Count);
    }

    [Fact]
    public void A_pool_keeps_no_more_than_it_may_and_gives_no_array_of_more_than_twice_the_length()
    {
        ChunkBufferPool pool = new(1 << 20);
        byte[] large = pool.Rent(600_000);
        Assert.Equal(655_360, large.Length);
        pool.Return(large);
        pool.Return(new byte[655_360]);
        Assert.Equal(655_360, pool.IdleBytes);

        Assert.NotSame(large, pool.Rent(100_000));
        Assert.Same(large, pool.Rent(500_000));
        pool.Return(large);
        pool.Trim();
        Assert.Equal(655_360, pool.IdleBytes);
        pool.Trim();
        Assert.Equal(0, pool.IdleBytes);
    }

    private static async Task<(int Accepted, int Refused, WriteResult Last)> FillAsync(
        LocalRecorder recorder, RecordingChannel channel, uint messages)
    {
        int accepted = 0;
        int refused = 0;
        WriteResult result = WriteResult.Accepted;
        for (uint number = 1; number <= messages && result == WriteResult.Accepted; number++)
        {
            // An open chunk grows in large steps: full is where not even a new one begins.
            for (int attempt = 0; attempt < 2; attempt++)
            {
                result = channel.WriteRaw(Bench.At(number, number), Bench.Payload(number, 30_000));
                if (number % 10 == 0 || result != WriteResult.Accepted)
                    await recorder.FlushAsync(Ct);
                if (result == WriteResult.Accepted)
                    break;
                refused++;
            }

            accepted += result == WriteResult.Accepted ? 1 : 0;
        }

        await recorder.FlushAsync(Ct);
        return (accepted, refused, result);
    }

    // A disk that takes nothing until it is released, and 1 MiB of memory.
    private static Bench Stuck(out TaskCompletionSource release)
    {
        TaskCompletionSource gate = new();
        release = gate;
        return new Bench
        {
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane()) with
            {
                MemoryBytesMax = 1 << 20,
                MessageBytesMax = 100_000,
            },
            Files = new MemoryFiles
            {
                BeforeAppend = name =>
                {
                    if (name.EndsWith(".mcap", StringComparison.Ordinal))
                        gate.Task.Wait(Ct);
                },
            },
        };
    }
}
