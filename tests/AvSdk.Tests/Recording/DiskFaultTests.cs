using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class DiskFaultTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flush_makes_durable_what_was_accepted_before_it()
    {
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(
                Bench.Lane() with { Durability = LaneDurability.Interval(TimeSpan.FromSeconds(30)) }),
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 20, 1000);
        await recorder.FlushAsync(Ct);

        Bench after = new() { Files = bench.Files.CopyDurable() };
        Assert.Equal(20, after.ReadAll().Count);
    }

    [Fact]
    public async Task An_interval_is_kept_without_anybody_flushing()
    {
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane() with
            {
                Durability = LaneDurability.Interval(TimeSpan.FromMilliseconds(200)),
                ChunkWindow = TimeSpan.FromMilliseconds(100),
            }),
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 20, 1000);
        bench.Time.Advance(TimeSpan.FromMilliseconds(100));
        await Eventually.Holds(() => recorder.Status.SpoolBytes > 0);
        Assert.Equal(20, bench.ReadAll().Count);
        Assert.Equal(0UL, recorder.Status.Lanes[0].LastSequence);
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromMilliseconds(200));
            return recorder.Status.Lanes[0].LastSequence == 1;
        });

        Assert.Equal(20, new Bench { Files = bench.Files.CopyDurable() }.ReadAll().Count);
    }

    [Fact]
    public async Task A_lane_in_memory_is_written_but_never_flushed()
    {
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane() with { Durability = LaneDurability.Memory }),
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        int before = bench.Files.Flushes;
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 200, 1000);
        await recorder.FlushAsync(Ct);

        Assert.Equal(before, bench.Files.Flushes);
        Assert.Equal(200, new Bench { Files = bench.Files.Copy() }.ReadAll().Count);
    }

    [Fact]
    public async Task After_a_failed_flush_the_chunks_are_written_again_to_a_new_segment()
    {
        int failures = 1;
        Bench bench = new();
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
            RecordingToSpoolTests.WriteMany(channel, 1, 10, 1000);
            await recorder.FlushAsync(Ct);
            bench.Files.BeforeFlush = name =>
            {
                if (name.EndsWith(".mcap", StringComparison.Ordinal) && Interlocked.Decrement(ref failures) >= 0)
                    throw new IOException("EIO");
            };
            RecordingToSpoolTests.WriteMany(channel, 11, 10, 1000);
            await recorder.FlushAsync(Ct);
            RecordingToSpoolTests.WriteMany(channel, 21, 10, 1000);
            Assert.Equal("EIO", recorder.Status.LastSpoolError);
            Assert.Equal(30UL, recorder.Ledger.Accepted);
        }

        Assert.Equal(
            ["000000000001.mcap", "000000000002.mcap"], bench.Files.Segments.Select(name => Path.GetFileName(name)));
        Assert.Equal(
            Enumerable.Range(1, 30).Select(number => (uint)number), bench.ReadAll().Select(message => message.Sequence));
        Assert.Equal([1UL, 2UL, 3UL], RecordingToSpoolTests.Chunks(bench).Select(chunk => chunk.Ref.Sequence));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task After_a_failed_write_the_chunk_is_written_again_to_a_new_segment(int shortWriteBytes)
    {
        int failures = 2;
        Bench bench = new() { Files = new MemoryFiles { ShortWriteBytes = shortWriteBytes } };
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            bench.Files.BeforeAppend = name =>
            {
                if (name.EndsWith(".mcap", StringComparison.Ordinal) && Interlocked.Decrement(ref failures) >= 0)
                    throw new IOException("EIO");
            };
            RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 10, 5000);
            Task flush = recorder.FlushAsync(Ct);
            await Eventually.Holds(() =>
            {
                bench.Time.Advance(TimeSpan.FromSeconds(1));
                return flush.IsCompleted;
            });
            await flush;
        }

        Assert.Equal(
            Enumerable.Range(1, 10).Select(number => (uint)number), bench.ReadAll().Select(message => message.Sequence));
    }

    [Fact]
    public async Task What_the_disk_refuses_is_held_in_memory_and_written_in_order_when_it_is_back()
    {
        bool fails = true;
        Bench bench = new();
        await using LocalRecorder recorder = await bench.OpenAsync();
        bench.Files.BeforeAppend = name =>
        {
            if (fails && name.EndsWith(".mcap", StringComparison.Ordinal))
                throw new IOException("EIO");
        };
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 10, 1000);
        Task flush = recorder.FlushAsync(Ct);
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return flush.IsCompleted;
        });
        RecorderException error = await Assert.ThrowsAsync<RecorderException>(() => flush);
        Assert.Contains("held in memory", error.Message, StringComparison.Ordinal);
        Assert.Equal((true, 1L), (recorder.Status.Disk.Refuses, recorder.Status.Disk.HeldChunks));

        RecordingToSpoolTests.WriteMany(channel, 11, 10, 1000);
        await Assert.ThrowsAsync<RecorderException>(() => recorder.FlushAsync(Ct));
        RecordingToSpoolTests.WriteMany(channel, 21, 10, 1000);
        fails = false;
        await DiskIsBackAsync(bench, recorder);
        await recorder.FlushAsync(Ct);
        Assert.Equal(
            Enumerable.Range(1, 30).Select(number => (uint)number), bench.ReadAll().Select(message => message.Sequence));
        Assert.Equal([1UL, 2UL, 3UL], RecordingToSpoolTests.Chunks(bench).Select(chunk => chunk.Ref.Sequence));
        Assert.Equal((30UL, 0UL), (recorder.Ledger.Accepted, recorder.Ledger.Dropped));
        Assert.Equal(0, recorder.Status.MemoryBytes);
    }

    [Fact]
    public async Task While_the_disk_refuses_the_oldest_of_the_least_valuable_lane_goes_for_what_is_new()
    {
        Bench bench = new()
        {
            Options = new RecorderOptions
            {
                VehicleId = "veh-042",
                Lanes =
                [
                    Bench.Lane("high") with { Priority = 5 },
                    Bench.Lane("low") with { Durability = LaneDurability.Memory, WhenFull = WhenFull.EvictOldest },
                ],
                FreeBytesMin = 0,
                MemoryBytesMax = 2 << 20,
                MessageBytesMax = 64 << 10,
                CompressionWorkers = 1,
            },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        bool fails = true;
        bench.Files.BeforeAppend = name =>
        {
            if (Volatile.Read(ref fails) && name.EndsWith(".mcap", StringComparison.Ordinal))
                throw new IOException("EROFS");
        };
        RecordingChannel high = recorder.Channel(Bench.Spec("/high", "high"));
        RecordingChannel low = recorder.Channel(Bench.Spec("/low", "low"));
        RecordingToSpoolTests.WriteMany(high, 1, 1, 1000);
        RecordingToSpoolTests.WriteMany(low, 1, 1, 1000);
        Task flush = recorder.FlushAsync(Ct);
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return flush.IsFaulted && recorder.Status.Disk.HeldChunks == 2;
        });
        for (uint number = 2; number <= 200; number++)
        {
            // What is being compressed cannot go yet.
            await Eventually.Holds(() =>
                low.WriteRaw(Bench.At(number, number), Bench.Payload(number, 60_000)) == WriteResult.Accepted);
        }

        RecordingToSpoolTests.WriteMany(high, 2, 5, 1000);
        Assert.True(recorder.Status.Disk.DroppedChunks > 100);
        Volatile.Write(ref fails, false);
        await DiskIsBackAsync(bench, recorder);
        // What was given up is told once.
        await Assert.ThrowsAsync<RecorderException>(() => recorder.FlushAsync(Ct));
        await recorder.FlushAsync(Ct);

        uint[] kept = [.. bench.ReadAll().Where(message => message.Topic == "/low").Select(message => message.Sequence)];
        Assert.Equal(Enumerable.Range(201 - kept.Length, kept.Length).Select(number => (uint)number), kept);
        Assert.Equal(6, bench.ReadAll().Count(message => message.Topic == "/high"));
        TopicLedger ledger = recorder.Ledger.Topics.Single(topic => topic.Topic == "/low");
        Assert.Equal(((ulong)kept.Length, 200UL - (ulong)kept.Length), (ledger.Accepted, ledger.Drops["disk"]));
    }

    [Fact]
    public async Task What_the_disk_refuses_to_the_end_is_counted_when_the_recorder_stops()
    {
        Bench bench = new();
        LocalRecorder recorder = await bench.OpenAsync();
        bench.Files.BeforeAppend = name =>
        {
            if (name.EndsWith(".mcap", StringComparison.Ordinal))
                throw new IOException("EIO");
        };
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 10, 1000);
        Task stop = recorder.DisposeAsync().AsTask();
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return stop.IsCompleted;
        });
        Assert.Equal(10UL, recorder.Ledger.Topics.Single().Drops["disk"]);
        Assert.Equal(0UL, recorder.Ledger.Accepted);
    }

    private static Task DiskIsBackAsync(Bench bench, LocalRecorder recorder) => Eventually.Holds(() =>
    {
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        return !recorder.Status.Disk.Refuses;
    });

    [Fact]
    public async Task A_loss_is_told_to_every_flush_that_waited_for_it_and_to_no_later_one()
    {
        Bench bench = new();
        await using LocalRecorder recorder = await bench.OpenAsync();
        using ManualResetEventSlim asked = new();
        bool fails = true;
        bench.Files.BeforeAppend = name =>
        {
            if (!Volatile.Read(ref fails) || !name.EndsWith(".mcap", StringComparison.Ordinal))
                return;
            asked.Wait(Ct);
            throw new IOException("EIO");
        };
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 10, 1000);
        Task first = recorder.FlushAsync(Ct);
        Task second = recorder.FlushAsync(Ct);
        asked.Set();
        await Eventually.Holds(() =>
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            return first.IsCompleted && second.IsCompleted;
        });
        await Assert.ThrowsAsync<RecorderException>(() => first);
        await Assert.ThrowsAsync<RecorderException>(() => second);

        Volatile.Write(ref fails, false);
        await DiskIsBackAsync(bench, recorder);
        await recorder.FlushAsync(Ct);
    }

    [Fact]
    public async Task Every_segment_reads_as_a_file_with_an_index()
    {
        Bench bench = new();
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 300, 1000);
            RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/gnss")), 1, 300, 1000);
        }

        foreach (string name in bench.Files.Segments)
        {
            using McapStreamReader reader = new(new MemoryStream(bench.Files.Read(name)));
            int messages = 0;
            while (reader.ReadMessage())
                messages++;
            Assert.Equal(600, messages);
        }
    }
}
