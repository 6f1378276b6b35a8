using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace AvSdk.Recording.Uplink;

/// <summary>
/// One session after another, for ever: waits between them by <see cref="Backoff"/>, by what the gateway says, and by
/// <see cref="UplinkBreaker"/>. A session that did no work counts as a failure, however it began.
/// </summary>
/// <param name="options">The delays.</param>
/// <param name="random">Chance, shared with others.</param>
/// <param name="time">The clock of the waits.</param>
/// <param name="failed">Told why a session ended, and how long the wait is.</param>
internal sealed class UplinkAttempts(
    UploadOptions options, Random random, TimeProvider time, Action<Exception?, TimeSpan> failed)
{
    private readonly Backoff _backoff = new(options, random);
    private UplinkBreaker? _breaker;

    public UplinkBreakerState Breaker => Volatile.Read(ref _breaker)?.State ?? UplinkBreakerState.Closed;

    /// <summary>Returns when the token is cancelled.</summary>
    /// <param name="session">Runs a session to its end, which it throws; calls back when the gateway has done some
    /// work.</param>
    /// <param name="cancellationToken">The one end.</param>
    public async Task RunAsync(Func<Action, CancellationToken, Task> session, CancellationToken cancellationToken)
    {
        UplinkBreaker breaker = new(options, _backoff, time);
        Volatile.Write(ref _breaker, breaker);
        RetryStrategyOptions retry = new()
        {
            // A port may cancel of its own accord, for a timeout within: only our own cancellation is an end.
            ShouldHandle = args => ValueTask.FromResult(
                args.Outcome.Exception is not OperationCanceledException
                || !cancellationToken.IsCancellationRequested),
            MaxRetryAttempts = int.MaxValue,
            DelayGenerator = args => ValueTask.FromResult<TimeSpan?>(NextDelay(args.Outcome.Exception, breaker)),
        };
        ResiliencePipeline pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(retry).Build();
        try
        {
            await pipeline.ExecuteAsync(
                async token => await AttemptAsync(session, breaker, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping, or reconfigured.
        }
    }

    // An attempt ends, well, when the gateway has done some work; what becomes of the session then is another matter.
    private async Task AttemptAsync(
        Func<Action, CancellationToken, Task> session, UplinkBreaker breaker, CancellationToken cancellationToken)
    {
        TaskCompletionSource worked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task running = Task.CompletedTask;
        await breaker.AttemptAsync(
            async token =>
            {
                running = session(Work, token);
                await Task.WhenAny(running, worked.Task).ConfigureAwait(false);
                if (!worked.Task.IsCompleted)
                    await running.ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        await running.ConfigureAwait(false);
        throw new UplinkException("The gateway closed the connection.");

        // The next failure is a first one.
        void Work()
        {
            if (worked.TrySetResult())
                _backoff.Reset();
        }
    }

    private TimeSpan NextDelay(Exception? error, UplinkBreaker breaker)
    {
        if (error is BrokenCircuitException)
            return breaker.Remaining;
        TimeSpan delay;
        if (error is UplinkException { RetryAfter: { } told })
        {
            delay = _backoff.Told(told);
        }
        else
        {
            delay = _backoff.Next(error is not UplinkException { IsTransient: false });
            TimeSpan closed = breaker.Remaining;
            delay = delay > closed ? delay : closed;
        }

        failed(error, delay);
        return delay;
    }
}
