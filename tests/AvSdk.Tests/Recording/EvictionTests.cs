using AvSdk.Recording;
using AvSdk.Recording.Inspection;
using AvSdk.Testing;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

public sealed class EvictionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lane_that_thins_keeps_every_second_chunk_before_its_oldest_go()
    {
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(Filling.Lane("sensors", WhenFull.Thin)) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        await Filling.FillAsync(recorder, "/lidar", "sensors", 1, 95);

        List<uint> kept = Filling.Kept(bench, "/lidar");
        Assert.Equal(1U, kept[0]);
        Assert.Equal(95U, kept[^1]);
        Assert.All(kept.Zip(kept.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 1U, 2U));
        Assert.InRange(kept.Count, 48, 70);
        Assert.Equal(95UL, (ulong)kept.Count + recorder.Ledger.Topics.Single().Evicted);
        Assert.True(Filling.Bytes(bench.Files) <= 4 << 20);

        // Thinned all over, the oldest go.
        await Filling.FillAsync(recorder, "/lidar", "sensors", 96, 200);
        kept = Filling.Kept(bench, "/lidar");
        Assert.InRange(kept[0], 40U, 160U);
        Assert.Equal(200UL, (ulong)kept.Count + recorder.Ledger.Topics.Single().Evicted);
        Assert.True(Filling.Bytes(bench.Files) <= 4 << 20);
    }

    [Fact]
    public async Task Thinning_keeps_half_of_each_of_two_channels_that_take_turns()
    {
        LaneOptions lane = Filling.Lane("sensors", WhenFull.Thin) with { LargeMessageBytes = 1024 };
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(lane) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        for (uint number = 1; number <= 90; number++)
            await Filling.FillAsync(recorder, number % 2 == 0 ? "/lidar" : "/radar", "sensors", number, number);

        Assert.Equal(Filling.Kept(bench, "/lidar").Count, Filling.Kept(bench, "/radar").Count, 2.0);
        Assert.InRange(recorder.Ledger.Topics.Sum(topic => (long)topic.Evicted), 20, 45);
    }

    [Fact]
    public async Task For_the_spool_the_least_valuable_lane_gives_up_first_and_a_sync_lane_nothing()
    {
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(
                Big("low") with { Priority = 0 }, Big("middle") with { Priority = 5 },
                Bench.Lane("events") with { Priority = 10, QuotaBytes = 100 << 20 }) with
            {
                SpoolBytesMax = 12 << 20,
            },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        Assert.Empty(await Filling.FillAsync(recorder, "/low", "low", 1, 80));
        Assert.Empty(await Filling.FillAsync(recorder, "/middle", "middle", 1, 80));
        Assert.Empty(await Filling.FillAsync(recorder, "/event", "events", 1, 80));
        Assert.Equal(80, Filling.Kept(bench, "/middle").Count);
        Assert.InRange(Filling.Kept(bench, "/low").Count, 1, 79);

        Assert.Empty(await Filling.FillAsync(recorder, "/event", "events", 81, 130));
        Assert.InRange(Filling.Kept(bench, "/low").Count, 0, 17);
        Assert.InRange(Filling.Kept(bench, "/middle").Count, 1, 79);
        List<uint> refused = await Filling.FillAsync(recorder, "/event", "events", 131, 300);
        Assert.NotEmpty(refused);
        Assert.Equal("spool_quota", recorder.Status.Lanes[2].FullReason);
        Assert.Equal(300 - refused.Count, Filling.Kept(bench, "/event").Count);
        Assert.All(Filling.Evictions(bench.Files), ended => Assert.Equal("spool_quota", ended.Reason));
        Assert.True(Filling.Bytes(bench.Files) <= 12 << 20);
    }

    [Fact]
    public async Task A_lane_does_not_make_room_at_the_cost_of_one_of_more_value()
    {
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(Big("low"), Big("high") with { Priority = 1 }) with
            {
                SpoolBytesMax = 8 << 20,
            },
        };
        await using LocalRecorder recorder = await bench.OpenAsync();
        await Filling.FillAsync(recorder, "/high", "high", 1, 110);
        List<uint> refused = await Filling.FillAsync(recorder, "/low", "low", 1, 200);

        Assert.Equal(110, Filling.Kept(bench, "/high").Count);
        Assert.True(recorder.Ledger.Topics.Single(topic => topic.Topic == "/low").Evicted > 0 || refused.Count > 0);
        Assert.True(Filling.Bytes(bench.Files) <= 8 << 20);
    }

    [Fact]
    public async Task What_is_older_than_it_may_be_goes_and_the_clock_of_it_survives_a_restart()
    {
        LaneOptions lane = Filling.Lane("telemetry", WhenFull.Refuse) with
        {
            SegmentAgeMax = TimeSpan.FromMinutes(1),
            AgeMax = TimeSpan.FromMinutes(10),
        };
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(lane, Bench.Lane("events")) };
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            await Filling.FillAsync(recorder, "/imu", "telemetry", 1, 3);
            await Filling.FillAsync(recorder, "/event", "events", 1, 3);
            bench.Time.Advance(TimeSpan.FromMinutes(6));
            await Filling.FillAsync(recorder, "/imu", "telemetry", 4, 5);
        }

        Bench after = new() { Options = bench.Options, Files = bench.Files, Time = bench.Time };
        await using LocalRecorder second = await after.OpenAsync();
        await Eventually.Holds(() => second.Status.Recovery.IsDone);
        after.Time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal([1U, 2, 3, 4, 5], Filling.Kept(after, "/imu"));
        after.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal([4U, 5], Filling.Kept(after, "/imu"));
        after.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(Filling.Kept(after, "/imu"));
        Assert.Equal([1U, 2, 3], Filling.Kept(after, "/event"));
        Assert.All(Filling.Evictions(after.Files), ended => Assert.Equal("age", ended.Reason));
    }

    [Fact]
    public async Task A_full_spool_counts_from_the_start_and_its_oldest_go_first()
    {
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(Filling.Lane("sensors")) };
        await using (LocalRecorder recorder = await bench.OpenAsync())
            await Filling.FillAsync(recorder, "/lidar", "sensors", 1, 90);
        List<uint> before = Filling.Kept(bench, "/lidar");
        bench.Time.Advance(TimeSpan.FromSeconds(1));

        Bench after = new() { Options = bench.Options, Files = bench.Files.Copy(), Time = bench.Time };
        await using LocalRecorder second = await after.OpenAsync();
        // Recovery may be making room meanwhile, file by file.
        await Eventually.Holds(() => Filling.Bytes(after.Files) == second.Status.SpoolBytes);
        for (uint number = 91; number <= 130; number++)
        {
            Assert.Empty(await Filling.FillAsync(second, "/lidar", "sensors", number, number));
            Assert.True(Filling.Bytes(after.Files) <= 4 << 20);
        }

        List<uint> kept = Filling.Kept(after, "/lidar");
        Assert.Equal(130U, kept[^1]);
        Assert.Equal(Enumerable.Range((int)kept[0], kept.Count).Select(number => (uint)number), kept);
        Assert.True(kept[0] > before[0]);
    }

    [Fact]
    public async Task The_disk_never_has_to_say_that_it_is_full()
    {
        using MemorySpoolFiles disk = new(1) { CapacityBytes = 12 << 20 };
        RecorderOptions options = RecordingToSpoolTests.OptionsOf(
            Big("low"), Big("high") with { Priority = 1 }, Bench.Lane("events") with { Priority = 9, FreeBytesMin = 1 << 20 })
            with
        {
            FreeBytesMin = 2 << 20,
        };
        ManualTime time = new();
        RecorderPorts ports = new() { Files = disk, Time = time, Random = new Random(1) };
        await using LocalRecorder recorder = await LocalRecorder.OpenAsync(options, ports, Ct);
        Random random = new(7);
        for (uint number = 1; number <= 600; number++)
        {
            string lane = options.Lanes[random.Next(3)].Name;
            await Filling.FillAsync(recorder, "/" + lane, lane, number, number);
            Assert.True(disk.FreeBytes >= (2 << 20) - (1 << 20), $"{disk.FreeBytes} bytes are free after {number}");
            if (number == 300)
                disk.CapacityBytes -= 1 << 20;
        }

        Assert.Null(recorder.Status.LastSpoolError);
        Assert.True(recorder.Ledger.Topics.Single(topic => topic.Topic == "/low").Evicted > 0);
        Assert.Equal(0UL, recorder.Ledger.Topics.Single(topic => topic.Topic == "/events").Evicted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Damaged_files_count_and_go_before_anything_that_can_be_delivered(bool keep)
    {
        Bench bench = new()
        {
            Options = RecordingToSpoolTests.OptionsOf(Big("sensors")) with { SpoolBytesMax = 8 << 20, KeepDamaged = keep },
        };
        bench.Files.Write("01900000-0000-7000-8000-000000000000/sensors/000000000001.mcap.damaged", new byte[3 << 20]);
        await using LocalRecorder recorder = await bench.OpenAsync();
        await Filling.FillAsync(recorder, "/lidar", "sensors", 1, 100);

        Assert.Equal(keep, bench.Files.Names.Any(name => name.EndsWith(".damaged", StringComparison.Ordinal)));
        Assert.Equal(keep, recorder.Ledger.Topics.Single().Evicted > 0);
        Assert.True(bench.Files.List().Sum(file => file.LengthBytes) <= (8 << 20) + (64 << 10));
    }

    [Fact]
    public async Task Lower_limits_at_run_time_hold_within_a_tick()
    {
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(Big("sensors"), Bench.Lane("events")) };
        await using LocalRecorder recorder = await bench.OpenAsync();
        await Filling.FillAsync(recorder, "/lidar", "sensors", 1, 200);
        await Eventually.Holds(() => recorder.Status.Recovery.IsDone);
        Assert.True(Filling.Bytes(bench.Files) > 10 << 20);

        Assert.Empty(await recorder.ReconfigureAsync(bench.Options with { SpoolBytesMax = 8 << 20 }, Ct));
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange(Filling.Bytes(bench.Files), 1, 8 << 20);
        Assert.Equal(200U, Filling.Kept(bench, "/lidar")[^1]);
        Assert.Contains(Filling.Evictions(bench.Files), ended => ended.Reason == "spool_quota");
    }

    [Fact]
    public async Task A_spool_that_was_written_anew_is_whole_to_who_inspects_it()
    {
        Bench bench = new() { Options = RecordingToSpoolTests.OptionsOf(Filling.Lane("sensors", WhenFull.Thin)) };
        await using (LocalRecorder recorder = await bench.OpenAsync())
        {
            await Filling.FillAsync(recorder, "/lidar", "sensors", 1, 30);
            recorder.Mark("brake", Bench.At(10).LogTime, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(2));
            await Filling.FillAsync(recorder, "/lidar", "sensors", 31, 160);
        }

        SpoolCheckReport report = SpoolInspection.Check(bench.Files, Ct);
        Assert.DoesNotContain(report.Findings, finding => finding.IsDamage);
    }

    [Fact]
    public void Policies_that_contradict_a_lanes_promise_are_found()
    {
        RecorderOptions options = RecordingToSpoolTests.OptionsOf(
            Bench.Lane("events") with { WhenFull = WhenFull.Thin, AgeMax = TimeSpan.FromDays(2) },
            Filling.Lane("sensors") with { AgeMax = TimeSpan.FromSeconds(1), FreeBytesMin = -1 }) with
        {
            SpoolBytesMax = 1 << 20,
            AgeMax = TimeSpan.FromMinutes(1),
            MarksMax = 0,
        };
        Assert.Equal(
            [
                "MarksMax", "SpoolBytesMax", "AgeMax", "Lanes[events].WhenFull", "Lanes[events].AgeMax",
                "Lanes[sensors].FreeBytesMin", "Lanes[sensors].AgeMax",
            ],
            options.Validate().Select(problem => problem.Key));
    }

    private static LaneOptions Big(string name) => Filling.Lane(name) with { QuotaBytes = 100 << 20 };
}
