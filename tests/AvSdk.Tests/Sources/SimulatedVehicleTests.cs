using System.Security.Cryptography;
using System.Text;
using AvSdk.Recording;
using AvSdk.Sources;
using AvSdk.Testing;
using Google.Protobuf;

namespace AvSdk.Tests.Sources;

public sealed class SimulatedVehicleTests
{
    // Small pictures: drawing the large ones is most of the work, and no other.
    private static readonly SimulatedVehicleOptions TwoSeconds = new()
    {
        Duration = TimeSpan.FromSeconds(2),
        Cameras =
        [
            new() { Topic = "/camera/front", Width = 160, Height = 96 },
            new() { Topic = "/camera/rear", Width = 160, Height = 96, Rate = 5, LooksBack = true },
        ],
    };

    [Fact]
    public void Every_sensor_sends_exactly_as_often_as_it_says()
    {
        SimulatedVehicle vehicle = new(TwoSeconds);
        ILookup<string, SimulatedMessage> messages = vehicle.Messages().ToLookup(message => message.Topic);

        Assert.All(
            vehicle.Topics.Where(topic => topic.Rate > 0),
            topic => Assert.Equal(topic.Rate * 2, messages[topic.Topic].Count()));
        Assert.NotEmpty(messages["/log"]);
    }

    [Fact]
    public void Messages_come_in_order_of_log_time_and_are_numbered_from_1_in_each_topic()
    {
        ulong last = TwoSeconds.StartTime;
        Dictionary<string, uint> sequences = [];
        foreach (SimulatedMessage message in new SimulatedVehicle(TwoSeconds).Messages())
        {
            Assert.InRange(message.Stamp.LogTime, last, TwoSeconds.StartTime + 1_999_999_999);
            last = message.Stamp.LogTime;
            uint expected = sequences.GetValueOrDefault(message.Topic) + 1;
            Assert.Equal(expected, message.Stamp.Sequence);
            sequences[message.Topic] = expected;
        }
    }

    [Fact]
    public void The_first_two_seconds_of_seed_1_are_these_bytes_on_every_machine() =>
        Assert.Equal(
            "74288a0ffb28152c15a124d134543d71",
            Digest(new SimulatedVehicle(TwoSeconds).Messages()));

    [Fact]
    public void The_first_minute_of_seed_7_without_large_sensors_is_these_bytes_on_every_machine() =>
        Assert.Equal(
            "4424557780facb037b06cda05d6fe315",
            Digest(new SimulatedVehicle(new() { Seed = 7, Cameras = [], LidarRate = 0 }).Messages()));

    [Fact]
    public void Another_seed_makes_another_drive() => Assert.NotEqual(
        Digest(new SimulatedVehicle(TwoSeconds).Messages().Take(100)),
        Digest(new SimulatedVehicle(TwoSeconds with { Seed = 2 }).Messages().Take(100)));

    [Fact]
    public void A_sensor_that_is_left_out_does_not_change_the_others()
    {
        SimulatedVehicleOptions few =
            TwoSeconds with { CanRate = 0, Cameras = [], LidarRate = 0, TransformRate = 0 };
        foreach (string topic in (string[])["/imu", "/gnss", "/radar/front", "/vehicle/state", "/log"])
        {
            Assert.Equal(
                Digest(new SimulatedVehicle(TwoSeconds).Messages().Where(message => message.Topic == topic)),
                Digest(new SimulatedVehicle(few).Messages().Where(message => message.Topic == topic)));
        }
    }

    [Fact]
    public void The_defaults_make_about_4_MB_a_second()
    {
        long bytes = new SimulatedVehicle(new() { Duration = TimeSpan.FromSeconds(1) })
            .Messages().Sum(message => message.Message.CalculateSize());
        Assert.InRange(bytes, 3_500_000, 4_500_000);
    }

    [Fact]
    public async Task Recording_as_fast_as_possible_records_the_drive()
    {
        SimulatedVehicle vehicle = new(TwoSeconds);
        await using MemoryRecorder recorder = new();
        Reports reports = new();

        SourceProgress done = await vehicle.RunAsync(
            recorder, rate: 0, TimeProvider.System, reports, TestContext.Current.CancellationToken);

        using DriveHash expected = HashOf(vehicle.Messages()), recorded = recorder.Hash();
        Assert.Empty(recorded.DifferencesFrom(expected));
        Assert.Equal((expected.Messages, 0UL), (done.Messages, done.Dropped));
        Assert.Equal((long)expected.PayloadBytes, done.Bytes);
        Assert.Equal(done, reports.Last);
        Assert.Equal(
            ["events", "telemetry", "sensors"], recorder.Channels.Select(each => each.Lane).Distinct());
    }

    [Fact]
    public async Task Recording_at_a_rate_records_the_same_and_takes_its_time()
    {
        SimulatedVehicle vehicle = new(TwoSeconds);
        await using MemoryRecorder recorder = new();
        StepTime time = new();

        await vehicle.RunAsync(recorder, rate: 4, time, null, TestContext.Current.CancellationToken);

        using DriveHash expected = HashOf(vehicle.Messages()), recorded = recorder.Hash();
        Assert.Empty(recorded.DifferencesFrom(expected));
        Assert.InRange(time.Elapsed.TotalSeconds, 0.49, 0.51);
    }

    [Fact]
    public async Task What_the_recorder_drops_is_counted_and_the_drive_goes_on()
    {
        SimulatedVehicle vehicle = new(TwoSeconds);
        await using MemoryRecorder recorder = new()
        {
            Decide = (channel, _) =>
                channel.Topic == "/imu" ? WriteResult.DroppedMemoryFull : WriteResult.Accepted,
        };

        SourceProgress done = await vehicle.RunAsync(
            recorder, rate: 1000, new StepTime(), null, TestContext.Current.CancellationToken);

        Assert.Equal(200UL, done.Dropped);
        Assert.Equal(200UL, recorder.Ledger.Dropped);
        Assert.Equal(done.Messages, recorder.Ledger.Offered);
    }

    [Fact]
    public async Task A_recorder_that_stopped_ends_the_drive_with_an_error()
    {
        MemoryRecorder recorder = new();
        recorder.Decide = (_, stamp) =>
            stamp.Sequence > 50 ? WriteResult.DroppedStopped : WriteResult.Accepted;
        SimulatedVehicle vehicle = new(TwoSeconds);

        RecorderException error = await Assert.ThrowsAsync<RecorderException>(() => vehicle.RunAsync(
            recorder, rate: 0, TimeProvider.System, null, TestContext.Current.CancellationToken));

        Assert.Contains("open another recorder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_options_are_all_told_at_once()
    {
        SimulatedVehicleOptions wrong = new()
        {
            Duration = TimeSpan.Zero,
            ImuRate = double.NaN,
            LidarRings = 0,
            Cameras = [new SimulatedCamera { Topic = "/c", Width = 650, Quality = 100 }],
        };

        ArgumentException error = Assert.Throws<ArgumentException>(() => new SimulatedVehicle(wrong));

        Assert.Equal(
            ["Duration", "ImuRate", "LidarRings", "Cameras[/c].Quality", "Cameras[/c].Width"],
            wrong.Validate().Select(problem => problem.Key));
        Assert.All(
            wrong.Validate(),
            problem => Assert.Contains(problem.Key, error.Message, StringComparison.Ordinal));
    }

    private static DriveHash HashOf(IEnumerable<SimulatedMessage> messages)
    {
        DriveHash hash = new();
        foreach (SimulatedMessage each in messages)
            hash.Add(each.Topic, each.Stamp.LogTime, each.Stamp.Sequence, each.Message.ToByteArray());
        return hash;
    }

    private static string Digest(IEnumerable<SimulatedMessage> messages)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (SimulatedMessage each in messages)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{each.Topic} {each.Lane} {each.Stamp}\n"));
            hash.AppendData(each.Message.ToByteArray());
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash().AsSpan(0, 16));
    }

    private sealed class Reports : IProgress<SourceProgress>
    {
        public SourceProgress Last { get; private set; }

        public void Report(SourceProgress value) => Last = value;
    }
}
