using AvSdk.Contracts.V1;
using AvSdk.Recording;
using AvSdk.Recording.Spool;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class PinningTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_marked_stays_when_all_about_it_goes_and_arrives_as_it_was_after_a_restart()
    {
        LaneOptions[] lanes =
        [
            Filling.Lane("sensors"), Bench.Lane("events") with { Priority = 9 },
        ];
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(lanes) };
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            await Filling.FillAsync(recorder, "/lidar", "sensors", 1, 40);
            Assert.Equal(MarkResult.Accepted, recorder.Mark("brake", Bench.At(20).LogTime, Ms(2), Ms(3)));
            await Filling.FillAsync(recorder, "/lidar", "sensors", 41, 200);
            Assert.Equal(6, recorder.Status.Lanes[0].PinnedChunks);
        }

        List<uint> kept = Filling.Kept(bench, "/lidar");
        Assert.Equal([18U, 19, 20, 21, 22, 23], kept.Take(6));
        Assert.True(kept[6] > 100);
        Assert.True(Filling.Bytes(bench.Files) <= (4 << 20) + (1 << 20));

        Bench after = new()
        {
            Options = bench.Options,
            Files = bench.Files.Copy(),
            Time = bench.Time,
            Gateway = new FakeGateway(),
        };
        await using LocalRecorder second = await after.OpenAsync();
        await second.DrainAsync(Ct);
        List<uint> stored = UploadTests.Stored(after.Gateway);
        Assert.Superset(kept.ToHashSet(), stored.ToHashSet());
        Assert.Equal((18U, 200U), (stored.Where(number => number > 0).Min(), stored.Max()));
        Assert.Equal(0, second.Status.Recovery.DamagedFiles);
        await Eventually.Holds(() => !after.Files.Segments.Any(name => name.Contains("sensors", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Marked_chunks_overtake_a_full_queue()
    {
        FakeGateway gateway = new() { Refusals = 1 };
        Bench bench = new()
        {
            Gateway = gateway,
            Options = RecordingToSpoolTests.OptionsOf(
                Filling.Lane("sensors") with { QuotaBytes = 100 << 20 },
                Filling.Lane("telemetry") with { QuotaBytes = 100 << 20, Priority = 5 }),
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        await Filling.FillAsync(recorder, "/imu", "telemetry", 1, 30);
        await Filling.FillAsync(recorder, "/lidar", "sensors", 1, 30);
        Assert.Equal(MarkResult.Accepted, recorder.Mark("brake", Bench.At(15).LogTime, Ms(1), Ms(1)));
        await UploadTests.DrainThroughRetriesAsync(bench, recorder);

        List<(string Lane, ulong Sequence)> order =
            [.. gateway.Parts.Select(part => (part.Ref.Lane, part.Ref.Sequence)).Distinct()];
        Assert.Equal(
            [("sensors", 14UL), ("sensors", 15UL), ("sensors", 16UL), ("telemetry", 14UL), ("telemetry", 15UL),
                ("telemetry", 16UL), ("telemetry", 31UL)],
            order.Take(7).Order());
        Assert.Equal(61, order.Count);
    }

    [Fact]
    public async Task Windows_that_overlap_are_one_and_the_open_chunk_ends_with_the_window()
    {
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(Bench.Lane() with { ChunkBytes = 4 << 20 }) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        RecordingToSpoolTests.WriteMany(channel, 1, 10, 100);
        Assert.Equal(MarkResult.Accepted, recorder.Mark("one", Bench.At(10).LogTime, Ms(5), Ms(10)));
        Assert.Equal(MarkResult.Accepted, recorder.Mark("two", Bench.At(15).LogTime, Ms(5), Ms(10)));
        RecordingToSpoolTests.WriteMany(channel, 11, 15, 100);
        Assert.Equal(0UL, recorder.Status.Lanes[0].LastSequence);

        // The first one behind the merged window, which ends at 25, closes the chunk.
        RecordingToSpoolTests.WriteMany(channel, 26, 1, 100);
        await Eventually.Holds(() => recorder.Status.Lanes[0].LastSequence == 1);
        RecordingToSpoolTests.WriteMany(channel, 27, 10, 100);
        await recorder.FlushAsync(Ct);
        List<ChunkHeader> chunks = RecordingToSpoolTests.Chunks(bench);
        Assert.Equal(2, chunks.Count);
        Assert.Equal(Bench.At(25).LogTime, chunks[0].LastLogTime);
        Assert.Equal(1, recorder.Status.Lanes[0].PinnedChunks);
    }

    [Fact]
    public async Task An_open_chunk_of_a_silent_lane_ends_with_the_window_by_the_clock()
    {
        Bench bench = new();
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 10, 100);
        recorder.Mark("brake", Bench.At(10).LogTime, Ms(5), Ms(500));

        bench.Time.Advance(Ms(499));
        Assert.Equal(0UL, recorder.Status.Lanes[0].LastSequence);
        bench.Time.Advance(Ms(1));
        await Eventually.Holds(() => recorder.Status.Lanes[0].LastSequence == 1);
    }

    [Fact]
    public async Task A_mark_of_the_past_closes_what_is_open_of_it_at_once()
    {
        Bench bench = new();
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingToSpoolTests.WriteMany(recorder.Channel(Bench.Spec("/imu")), 1, 10, 100);
        recorder.Mark("brake", Bench.At(5).LogTime, Ms(1), Ms(1));

        await Eventually.Holds(() => recorder.Status.Lanes[0].LastSequence >= 1);
    }

    [Fact]
    public async Task The_mark_is_recorded_in_the_most_urgent_sync_lane_once_for_an_id()
    {
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(
                Filling.Lane("sensors") with { Priority = 500 }, Bench.Lane("slow"), Bench.Lane("events") with { Priority = 9 }),
        };
        RecordingMark mark = new()
        {
            Id = Guid.NewGuid(),
            Name = "brake",
            LogTime = Bench.At(7).LogTime,
            Before = Ms(1500),
            After = Ms(20),
            Metadata = new Dictionary<string, string> { ["rule"] = "accel < -6" },
        };
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            Assert.Equal(MarkResult.Accepted, recorder.Mark(mark));
            Assert.Equal(MarkResult.Accepted, recorder.Mark(mark));
        }

        Bench after = new() { Options = bench.Options, Files = bench.Files, Time = bench.Time };
        await using (LocalRecorder second = await after.OpenAsync())
            Assert.Equal(MarkResult.Accepted, second.Mark(mark));
        (string topic, _, byte[] payload) = Assert.Single(bench.ReadAll());
        Mark recorded = Mark.Parser.ParseFrom(payload);
        Assert.Equal(RecordingMark.Topic, topic);
        Assert.Contains(bench.Files.Segments, name => name.Contains("/events/", StringComparison.Ordinal));
        Assert.Equal(("brake", "accel < -6"), (recorded.Name, recorded.Metadata["rule"]));
        Assert.Equal((Ms(1500), Ms(20)), (recorded.Before.ToTimeSpan(), recorded.After.ToTimeSpan()));
        Assert.Equal(mark.Id, new Guid(recorded.MarkId.Span, bigEndian: true));
    }

    [Fact]
    public async Task There_are_so_many_marks_and_no_more_until_what_they_keep_has_arrived()
    {
        TaskCompletionSource release = new();
        Bench bench = new()
        {
            Gateway = new FakeGateway { OnPart = _ => release.Task },
            Options = RecordingToSpoolTests.OptionsOf(Bench.Lane()) with { MarksMax = 3 },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        RecordingChannel channel = recorder.Channel(Bench.Spec("/imu"));
        for (uint at = 1; at <= 3; at++)
        {
            RecordingToSpoolTests.WriteMany(channel, at, 1, 100);
            await recorder.FlushAsync(Ct);
            Assert.Equal(MarkResult.Accepted, recorder.Mark($"m{at}", Bench.At(at).LogTime, default, default));
        }

        Assert.Equal(MarkResult.RefusedTooMany, recorder.Mark("m4", Bench.At(4).LogTime, default, default));
        release.SetResult();
        await recorder.DrainAsync(Ct);
        bench.Time.Advance(TimeSpan.FromSeconds(61));
        RecordingToSpoolTests.WriteMany(channel, 300_000, 1, 100);
        Assert.Equal(MarkResult.Accepted, recorder.Mark("m4", Bench.At(300_000).LogTime, default, default));
    }

    [Fact]
    public async Task Marks_that_cannot_be_are_refused()
    {
        Bench bench = new();
        LocalRecorder recorder = await bench.OpenAsync();
        ulong now = (ulong)bench.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        Assert.Equal(MarkResult.RefusedInFuture, recorder.Mark("x", now + 3_700_000_000_000, default, default));
        Assert.Equal(MarkResult.Accepted, recorder.Mark("x", now + 3_500_000_000_000, default, default));
        Assert.Throws<ArgumentException>(() => recorder.Mark("", now, default, default));
        Assert.Throws<ArgumentException>(() => recorder.Mark("x", now, TimeSpan.FromHours(2), default));
        Assert.Throws<ArgumentException>(() => recorder.Mark("x", now, default, TimeSpan.FromSeconds(-1)));
        await recorder.DisposeAsync();
        Assert.Equal(MarkResult.RefusedStopped, recorder.Mark("x", now, default, default));
    }

    [Fact]
    public async Task A_mark_survives_a_kill_and_keeps_what_the_next_run_records_of_its_window()
    {
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(Filling.Lane("sensors"), Bench.Lane("events")) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        await Filling.FillAsync(recorder, "/lidar", "sensors", 1, 5);
        recorder.Mark("brake", Bench.At(5).LogTime, Ms(1), Ms(2));
        await recorder.FlushAsync(Ct);

        bench.Time.Advance(TimeSpan.FromSeconds(1));
        Bench after = new() { Options = bench.Options, Files = bench.Files.Copy(), Time = bench.Time };
        await using LocalRecorder second = await after.OpenAsync();
        await Eventually.Holds(() => second.Status.Recovery.IsDone);
        Assert.Equal(2, second.Status.Lanes[0].PinnedChunks);
        await Filling.FillAsync(second, "/lidar", "sensors", 6, 150);

        Assert.Equal(4, second.Status.Lanes[0].PinnedChunks);
        Assert.Equal([4U, 5, 6, 7], Filling.Kept(after, "/lidar").Take(4));
    }

    [Fact]
    public void Windows_merge_where_they_overlap_and_are_found_by_time()
    {
        Random random = new(4);
        for (int round = 0; round < 200; round++)
        {
            MarkWindows windows = new();
            List<(ulong First, ulong Last)> truth = [];
            for (int mark = 0; mark < 8; mark++)
            {
                ulong first = (ulong)random.Next(100);
                truth.Add((first, first + (ulong)random.Next(20)));
                windows.Add(Guid.NewGuid(), truth[^1].First, truth[^1].Last);
            }

            Assert.All(windows.Merged.Zip(windows.Merged.Skip(1)), pair => Assert.True(pair.First.Last < pair.Second.First));
            for (ulong at = 0; at < 130; at++)
            {
                ulong last = at + (ulong)random.Next(5);
                Assert.Equal(truth.Exists(mark => mark.First <= last && mark.Last >= at), windows.Overlap(at, last));
                ulong end = windows.EndAfter(at);
                Assert.Equal(truth.Exists(mark => mark.Last >= at), end != ulong.MaxValue);
                Assert.True(end == ulong.MaxValue || !windows.Overlap(end + 1, end + 1));
            }
        }
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
