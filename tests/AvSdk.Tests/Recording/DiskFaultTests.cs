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
    public async Task What_the_disk_never_takes_is_counted_and_recording_goes_on()
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
        Assert.Contains("spool_error", error.Message, StringComparison.Ordinal);
        Assert.Equal(10UL, recorder.Ledger.Topics.Single().Drops["spool_error"]);
        Assert.Equal(0UL, recorder.Ledger.Accepted);
        Assert.Equal(0, recorder.Status.MemoryBytes);

        fails = false;
        RecordingToSpoolTests.WriteMany(channel, 11, 10, 1000);
        await recorder.FlushAsync(Ct);
        Assert.Equal(10, bench.ReadAll().Count);
        Assert.Equal([1UL], RecordingToSpoolTests.Chunks(bench).Select(chunk => chunk.Ref.Sequence));
        Assert.Equal(10UL, recorder.Ledger.Offered - recorder.Ledger.Dropped);
    }

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
