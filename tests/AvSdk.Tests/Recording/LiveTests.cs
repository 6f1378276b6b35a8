using System.Collections.Concurrent;
using AvSdk.Recording;
using AvSdk.Recording.Live;
using AvSdk.Recording.Uplink;
using AvSdk.Tests.Recording.Fakes;

namespace AvSdk.Tests.Recording;

/// <summary>What is watched is a sample of what is recorded, and costs it nothing.</summary>
public sealed class LiveTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_topic_is_shown_at_most_as_often_as_its_rule_says_and_recorded_whole()
    {
        Bench bench = Watching(new LiveRule("/gnss") { RateMax = 2 });
        Audience audience = new();
        await using LocalRecorder recorder = await OpenAsync(bench, audience);
        RecordingChannel gnss = recorder.Channel(Bench.Spec("/gnss"));
        RecordingChannel imu = recorder.Channel(Bench.Spec("/imu"));
        for (uint number = 1; number <= 40; number++)
        {
            Assert.Equal(WriteResult.Accepted, gnss.WriteRaw(Bench.At(number, number), Bench.Payload(number, 100)));
            Assert.Equal(WriteResult.Accepted, imu.WriteRaw(Bench.At(number, number), Bench.Payload(number, 100)));
            if (number % 10 == 1)
                await Eventually.Holds(() => audience.Seen.Count == 1 + (int)(number / 10));
            bench.Time.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.Equal([1U, 11U, 21U, 31U], audience.Seen.Select(seen => seen.Sequence));
        Assert.All(audience.Seen, seen => Assert.Equal(("/gnss", true), (seen.Topic, seen.IsIntact)));
        Assert.Equal(new LiveStatus(4, 0), recorder.Status.Live);
        await recorder.FlushAsync(Ct);
        Assert.Equal(80, bench.ReadAll().Count);
    }

    [Fact]
    public async Task What_a_slow_link_does_not_take_makes_way_for_what_is_newer()
    {
        Bench bench = Watching(new LiveRule("/gnss") { RateMax = 100 });
        Audience audience = new() { Gate = new TaskCompletionSource() };
        await using LocalRecorder recorder = await OpenAsync(bench, audience);
        RecordingChannel gnss = recorder.Channel(Bench.Spec("/gnss"));
        await StickAsync(gnss, audience);
        for (uint number = 2; number <= 9; number++)
        {
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(WriteResult.Accepted, gnss.WriteRaw(Bench.At(number, number), Bench.Payload(number, 2000)));
        }

        audience.Gate.SetResult();
        await Eventually.Holds(() => audience.Seen.Count == 2);
        Assert.Equal([1U, 9U], audience.Seen.Select(seen => seen.Sequence));
        Assert.All(audience.Seen, seen => Assert.True(seen.IsIntact));
    }

    [Fact]
    public async Task Without_a_connection_samples_go_and_nothing_is_kept_of_them()
    {
        Bench bench = Watching(new LiveRule("/**") { RateMax = 100 });
        Audience audience = new() { IsThere = false };
        await using LocalRecorder recorder = await OpenAsync(bench, audience);
        recorder.Channel(Bench.Spec("/gnss")).WriteRaw(Bench.At(1, 1), Bench.Payload(1, 100));
        await Eventually.Holds(() => recorder.Status.Live == new LiveStatus(0, 1));

        audience.IsThere = true;
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        recorder.Channel(Bench.Spec("/gnss")).WriteRaw(Bench.At(2, 2), Bench.Payload(2, 100));
        await Eventually.Holds(() => recorder.Status.Live == new LiveStatus(1, 1));
        Assert.Equal([2U], audience.Seen.Select(seen => seen.Sequence));
    }

    [Fact]
    public async Task A_link_that_hangs_is_given_up_for_the_sample_and_the_next_one_goes()
    {
        Bench bench = Watching(new LiveRule("/gnss") { RateMax = 100 });
        Audience audience = new() { Gate = new TaskCompletionSource() };
        await using LocalRecorder recorder = await OpenAsync(bench, audience);
        RecordingChannel gnss = recorder.Channel(Bench.Spec("/gnss"));
        await StickAsync(gnss, audience);
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await Eventually.Holds(() => recorder.Status.Live == new LiveStatus(0, 1));
        audience.Gate.SetResult();
        gnss.WriteRaw(Bench.At(2, 2), Bench.Payload(2, 100));
        await Eventually.Holds(() => recorder.Status.Live == new LiveStatus(1, 1));
    }

    [Fact]
    public async Task A_link_that_breaks_its_word_costs_the_sample_and_neither_the_next_nor_the_recording()
    {
        Bench bench = Watching(new LiveRule("/gnss") { RateMax = 100 });
        Audience audience = new() { Fails = true };
        await using (LocalRecorder recorder = await OpenAsync(bench, audience))
        {
            RecordingChannel gnss = recorder.Channel(Bench.Spec("/gnss"));
            gnss.WriteRaw(Bench.At(1, 1), Bench.Payload(1, 100));
            await Eventually.Holds(() => recorder.Status.Live == new LiveStatus(0, 1));
            audience.Fails = false;
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            gnss.WriteRaw(Bench.At(2, 2), Bench.Payload(2, 100));
            await Eventually.Holds(() => recorder.Status.Live == new LiveStatus(1, 1));
            audience.Fails = true;
            bench.Time.Advance(TimeSpan.FromSeconds(1));
            gnss.WriteRaw(Bench.At(3, 3), Bench.Payload(3, 100));
        }

        Assert.Equal(3, bench.ReadAll().Count);
    }

    [Fact]
    public async Task A_payload_that_is_too_long_is_not_shown_and_other_rules_hold_at_run_time()
    {
        Bench bench = Watching(new LiveRule("/gnss") { MessageBytesMax = 100 });
        Audience audience = new();
        await using LocalRecorder recorder = await OpenAsync(bench, audience);
        RecordingChannel gnss = recorder.Channel(Bench.Spec("/gnss"));
        RecordingChannel imu = recorder.Channel(Bench.Spec("/imu"));
        gnss.WriteRaw(Bench.At(1, 1), Bench.Payload(1, 101));
        gnss.WriteRaw(Bench.At(2, 2), Bench.Payload(2, 100));
        await Eventually.Holds(() => audience.Seen.Count == 1);

        RecorderOptions others = bench.Options with { Live = [new LiveRule("/i*")] };
        Assert.Empty(await recorder.ReconfigureAsync(others, Ct));
        bench.Time.Advance(TimeSpan.FromSeconds(5));
        gnss.WriteRaw(Bench.At(3, 3), Bench.Payload(3, 100));
        imu.WriteRaw(Bench.At(4, 4), Bench.Payload(4, 100));
        await Eventually.Holds(() => audience.Seen.Count == 2);
        Assert.Equal([2U, 4U], audience.Seen.Select(seen => seen.Sequence));
    }

    [Theory]
    [InlineData("", 1, 100, "Live[0].Topics")]
    [InlineData("/gnss", 0, 100, "Live[0].RateMax")]
    [InlineData("/gnss", double.NaN, 100, "Live[0].RateMax")]
    [InlineData("/gnss", 101, 100, "Live[0].RateMax")]
    [InlineData("/gnss", 1, 0, "Live[0].MessageBytesMax")]
    [InlineData("/gnss", 1, 2 << 20, "Live[0].MessageBytesMax")]
    public void A_rule_that_cannot_be_is_named(string topics, double rate, int bytes, string key)
    {
        RecorderOptions options = new()
        {
            VehicleId = "veh-042",
            Live = [new LiveRule(topics) { RateMax = rate, MessageBytesMax = bytes }],
        };
        Assert.Equal([key], options.Validate().Select(problem => problem.Key));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(null, 1L << 20, false)]
    [InlineData(true, 1L << 20, true)]
    [InlineData(false, null, false)]
    public void Rules_that_no_link_carries_are_a_problem(bool? live, long? budget, bool isGood)
    {
        RecorderOptions options = new()
        {
            VehicleId = "veh-042",
            Live = [new LiveRule("/gnss")],
            Links = new LinksOptions
            {
                Links =
                [
                    new LinkOptions { Name = "lte", Interface = "wwan0", BytesPerDay = budget, Live = live },
                    new LinkOptions { Name = "roaming", Interface = "wwan1", PriorityMin = 0 },
                ],
            },
        };
        Assert.Equal(isGood ? [] : ["Live"], options.Validate().Select(problem => problem.Key));
    }

    // The first sample is on its way, and does not arrive.
    private static async Task StickAsync(RecordingChannel channel, Audience audience)
    {
        channel.WriteRaw(Bench.At(1, 1), Bench.Payload(1, 100));
        await Eventually.Holds(() => audience.Asked == 1);
    }

    private static Bench Watching(LiveRule rule)
    {
        Bench bench = new();
        // There is no gateway to deliver to, and the clock stands.
        UploadOptions upload = new() { DrainTimeout = TimeSpan.Zero };
        return new Bench { Options = bench.Options with { Live = [rule], Upload = upload } };
    }

    private static async Task<LocalRecorder> OpenAsync(Bench bench, Audience audience) => await LocalRecorder.OpenAsync(
        bench.Options,
        new RecorderPorts { Files = bench.Files, Uplink = audience, Time = bench.Time, Random = new Random(1) }, Ct);

    /// <summary>No gateway, but somebody who watches.</summary>
    private sealed class Audience : IUplink, ILiveLink
    {
        private readonly ConcurrentQueue<(string Topic, uint Sequence, bool IsIntact)> _seen = new();
        private int _asked;

        public string Name => "audience";

        public bool IsThere { get; set; } = true;

        public bool Fails { get; set; }

        public TaskCompletionSource? Gate { get; init; }

        public int Asked => Volatile.Read(ref _asked);

        public IReadOnlyList<(string Topic, uint Sequence, bool IsIntact)> Seen => [.. _seen];

        public ValueTask<IUplinkSession> ConnectAsync(CancellationToken cancellationToken) =>
            throw new UplinkException("There is no gateway.");

        public long BytesOf(LiveSample sample) => sample.Payload.Length;

        public async ValueTask<bool> PublishAsync(LiveSample sample, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            if (Gate is not null)
                await Gate.Task.WaitAsync(cancellationToken);
            if (Fails)
                throw new InvalidOperationException("Nobody may throw this.");
            if (!IsThere)
                return false;
            byte[] expected = Bench.Payload(sample.Stamp.Sequence, sample.Payload.Length);
            bool isIntact = sample.Payload.Span.SequenceEqual(expected)
                && sample.Stamp.LogTime == Bench.At(sample.Stamp.Sequence).LogTime;
            _seen.Enqueue((sample.Channel.Topic, sample.Stamp.Sequence, isIntact));
            return true;
        }
    }
}
