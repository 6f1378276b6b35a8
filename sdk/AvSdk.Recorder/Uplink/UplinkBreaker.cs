using Polly;
using Polly.CircuitBreaker;

namespace AvSdk.Recording.Uplink;

/// <summary>
/// Counts attempts until the gateway has done some work. When most fail it opens: no attempt for a while, which is never
/// longer than <see cref="UploadOptions.RetryDelayMax"/>, then one whose end decides. Without it the draws of full jitter
/// would go on sending every other probe early at a gateway that is known to be gone.
/// </summary>
internal sealed class UplinkBreaker
{
    private const int AttemptsMin = 5;
    private const double FailureRatio = 0.8;
    private static readonly TimeSpan WindowMin = TimeSpan.FromMinutes(2);

    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline _pipeline;
    private readonly SteadyTime _time;
    private long _openedAt;
    private TimeSpan _break;

    public UplinkBreaker(UploadOptions options, Backoff backoff, TimeProvider time)
    {
        SteadyTime steady = _time = new SteadyTime(time);
        TimeSpan window = options.RetryDelayMax * 10;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = steady }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = FailureRatio,
                MinimumThroughput = AttemptsMin,
                SamplingDuration = window > WindowMin ? window : WindowMin,
                BreakDurationGenerator = _ =>
                {
                    _break = backoff.Break();
                    Volatile.Write(ref _openedAt, steady.GetTimestamp());
                    return ValueTask.FromResult(_break);
                },
                // A gateway that says when to come back is there.
                ShouldHandle = static args => ValueTask.FromResult(
                    args.Outcome.Exception
                        is not (null or OperationCanceledException or UplinkException { RetryAfter: not null })),
                StateProvider = _state,
            })
            .Build();
    }

    public UplinkBreakerState State => _state.CircuitState switch
    {
        CircuitState.Open => UplinkBreakerState.Open,
        CircuitState.HalfOpen => UplinkBreakerState.Probing,
        _ => UplinkBreakerState.Closed,
    };

    /// <summary>How long no attempt is let through; 0: one may be made.</summary>
    public TimeSpan Remaining
    {
        get
        {
            if (_state.CircuitState != CircuitState.Open)
                return TimeSpan.Zero;
            TimeSpan left = _break - _time.GetElapsedTime(Volatile.Read(ref _openedAt));
            // At its very end it is still open.
            return (left > TimeSpan.Zero ? left : TimeSpan.Zero) + TimeSpan.FromMilliseconds(1);
        }
    }

    /// <summary>An attempt: fails, or ends when the gateway has done some work.</summary>
    /// <exception cref="BrokenCircuitException">None is to be made now.</exception>
    public ValueTask AttemptAsync(Func<CancellationToken, ValueTask> attempt, CancellationToken cancellationToken) =>
        _pipeline.ExecuteAsync(attempt, cancellationToken);

    // The breaker goes by the wall clock, and a car's is set: set back by a day it would be a day of silence.
    private sealed class SteadyTime(TimeProvider time) : TimeProvider
    {
        private readonly long _begin = time.GetTimestamp();

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + time.GetElapsedTime(_begin);
    }
}
