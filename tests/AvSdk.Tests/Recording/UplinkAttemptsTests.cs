using AvSdk.Recording;
using AvSdk.Recording.Uplink;

namespace AvSdk.Tests.Recording;

public sealed class UplinkAttemptsTests
{
    private static readonly UploadOptions Options = new();
    private readonly HastyTime _time = new();
    private readonly List<(TimeSpan Delay, UplinkBreakerState Breaker)> _waits = [];

    [Fact]
    public async Task A_gateway_that_is_gone_is_tried_ever_less_and_never_later_than_the_longest_wait()
    {
        await RunAsync(100, _ => throw new UplinkException("gone"));

        Assert.All(_waits, wait => Assert.InRange(wait.Delay, TimeSpan.FromTicks(1), Options.RetryDelayMax));
        Assert.Equal(UplinkBreakerState.Closed, _waits[0].Breaker);
        Assert.All(_waits[5..], wait =>
        {
            Assert.Equal(UplinkBreakerState.Open, wait.Breaker);
            Assert.True(wait.Delay >= Options.RetryDelayMax / 2, $"{wait.Delay}");
        });
    }

    [Fact]
    public async Task When_the_gateway_has_done_some_work_the_next_failure_is_a_first_one()
    {
        await RunAsync(40, attempt =>
        {
            if (attempt.Number == 30)
                attempt.Worked();
            throw new UplinkException("gone");
        });

        Assert.Equal(UplinkBreakerState.Open, _waits[28].Breaker);
        Assert.Equal(UplinkBreakerState.Closed, _waits[29].Breaker);
        Assert.True(_waits[29].Delay <= Options.RetryDelay);
    }

    [Fact]
    public async Task A_gateway_that_takes_sessions_and_drops_them_is_not_hammered()
    {
        // Each session opens, and ends in order before anything was done.
        await RunAsync(50, _ => Task.CompletedTask);

        Assert.True(_time.Elapsed > 40 * (Options.RetryDelayMax / 2), $"50 attempts in {_time.Elapsed}");
    }

    [Fact]
    public async Task What_the_gateway_says_is_obeyed_with_a_little_more_and_opens_no_breaker()
    {
        TimeSpan told = TimeSpan.FromSeconds(97);
        await RunAsync(50, _ => throw new UplinkException("busy") { RetryAfter = told });

        Assert.All(_waits, wait =>
        {
            Assert.InRange(wait.Delay, told, told + Options.RetryDelay);
            Assert.Equal(UplinkBreakerState.Closed, wait.Breaker);
        });
        Assert.True(_waits.Distinct().Count() > 40);
    }

    [Theory]
    [InlineData(365 * 24 * 3600.0, 600)]
    [InlineData(-5, 0)]
    public async Task Nonsense_is_cut_to_what_makes_sense(double seconds, double least)
    {
        await RunAsync(3, _ => throw new UplinkException("busy") { RetryAfter = TimeSpan.FromSeconds(seconds) });

        Assert.All(_waits, wait => Assert.InRange(
            wait.Delay, TimeSpan.FromSeconds(least), TimeSpan.FromSeconds(least) + Options.RetryDelay));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_by_a_day_makes_no_day_of_silence()
    {
        await RunAsync(30, attempt =>
        {
            _time.Set -= TimeSpan.FromDays(attempt.Number == 10 ? 1 : 0);
            throw new UplinkException("gone");
        });

        Assert.True(_time.Elapsed < 30 * Options.RetryDelayMax, $"{_time.Elapsed}");
    }

    private async Task RunAsync(int attempts, Func<Attempt, Task> session)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        int number = 0;
        UplinkAttempts? loop = null;
        loop = new UplinkAttempts(
            Options, new Random(11), _time, (_, delay) => _waits.Add((delay, loop!.Breaker)));
        await loop.RunAsync(
            async (worked, token) =>
            {
                if (number == attempts)
                    await ending.CancelAsync();
                token.ThrowIfCancellationRequested();
                await session(new Attempt(++number, worked));
            },
            ending.Token);
        Assert.Equal(attempts, _waits.Count);
    }

    private sealed record Attempt(int Number, Action Worked);

    /// <summary>A clock on which whoever waits has waited.</summary>
    private sealed class HastyTime : TimeProvider
    {
        private long _now;

        /// <summary>By how much the wall clock was set.</summary>
        public TimeSpan Set { get; set; }

        public TimeSpan Elapsed => TimeSpan.FromTicks(Volatile.Read(ref _now));

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _now);

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50) + Elapsed + Set;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Timer timer = new(this, callback, state);
            timer.Change(dueTime, period);
            return timer;
        }

        private sealed class Timer(HastyTime time, TimerCallback callback, object? state) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                if (dueTime < TimeSpan.Zero)
                    return true;
                Interlocked.Add(ref time._now, dueTime.Ticks);
                ThreadPool.UnsafeQueueUserWorkItem(_ => callback(state), null);
                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
