namespace AvSdk.Grpc.Transport;

/// <summary>
/// Until when a call may go on: the caller's token, its timeout, its disposal. Says afterwards which of them
/// ended it.
/// </summary>
internal sealed class CallLifetime : IDisposable
{
    private readonly CancellationTokenSource _ended;
    private readonly CancellationToken _callerToken;
    private readonly TimeSpan? _timeout;
    private readonly ITimer? _timer;
    private readonly string _target;
    private int _timeoutPassed;

    public CallLifetime(
        string target, TimeSpan? timeout, TimeProvider timeProvider, CancellationToken callerToken)
    {
        _target = target;
        _callerToken = callerToken;
        _timeout = timeout;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(callerToken);
        Token = _ended.Token;

        // A timer cannot be set further than 49 days ahead; who waits longer waits without.
        if (timeout is { } t && t.TotalMilliseconds < uint.MaxValue - 1)
        {
            if (t <= TimeSpan.Zero)
                PassTimeout();
            else
                _timer = timeProvider.CreateTimer(
                    static s => ((CallLifetime)s!).PassTimeout(), this, t, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Cancelled when the call is to stop for whatever reason.</summary>
    public CancellationToken Token { get; }

    /// <summary>For messages: the channel's address and the method.</summary>
    public string Target => _target;

    public CancellationToken CallerToken => _callerToken;

    public void Abort()
    {
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call is over, and so is what was to be stopped.
        }
    }

    /// <summary>Why the call stopped by our own doing; null when it did not.</summary>
    public Exception? StopReason(Exception? cause)
    {
        if (_callerToken.IsCancellationRequested)
            return new OperationCanceledException($"The call {_target} was cancelled.", cause, _callerToken);
        if (Volatile.Read(ref _timeoutPassed) != 0)
            return TimedOut(_target, _timeout!.Value, cause);
        if (Token.IsCancellationRequested)
            return new GrpcException(
                GrpcStatusCode.Cancelled, $"The call {_target} was disposed before it ended.", cause);
        return null;
    }

    public static GrpcException TimedOut(string target, TimeSpan timeout, Exception? cause)
        => new(
            GrpcStatusCode.DeadlineExceeded,
            $"{target} took longer than its timeout of {timeout.TotalSeconds:0.###} s.",
            cause);

    public void Dispose()
    {
        _timer?.Dispose();
        _ended.Dispose();
    }

    private void PassTimeout()
    {
        Volatile.Write(ref _timeoutPassed, 1);
        Abort();
    }
}
