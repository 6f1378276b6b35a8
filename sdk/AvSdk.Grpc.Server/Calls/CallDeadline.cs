namespace AvSdk.Grpc.Server.Calls;

/// <summary>Joins the caller's leaving with its deadline, and says which it was.</summary>
internal sealed class CallDeadline : IDisposable
{
    private readonly CancellationTokenSource _ended;
    private readonly ITimer? _timer;
    private int _passed;

    public CallDeadline(TimeSpan? timeout, TimeProvider timeProvider, CancellationToken requestAborted)
    {
        if (timeout is not { } t || t.TotalMilliseconds >= uint.MaxValue - 1)
        {
            // A timer cannot be set further than 49 days ahead.
            _ended = new CancellationTokenSource();
            Token = requestAborted;
            return;
        }

        _ended = CancellationTokenSource.CreateLinkedTokenSource(requestAborted);
        Token = _ended.Token;
        At = timeProvider.GetUtcNow() + t;
        _timer = timeProvider.CreateTimer(
            static s => ((CallDeadline)s!).Pass(), this, t, Timeout.InfiniteTimeSpan);
    }

    public DateTimeOffset? At { get; }

    public CancellationToken Token { get; }

    public bool HasPassed => Volatile.Read(ref _passed) != 0;

    public void Dispose()
    {
        _timer?.Dispose();
        _ended.Dispose();
    }

    private void Pass()
    {
        Volatile.Write(ref _passed, 1);
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended at this very moment.
        }
    }
}
