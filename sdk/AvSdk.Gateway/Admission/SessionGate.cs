using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Admission;

/// <summary>The door of all upload sessions, whatever carries them. Safe for threads.</summary>
/// <param name="options">How many.</param>
/// <param name="stagedBytesMax">At this many bytes of chunks that are arriving no further session begins.</param>
/// <param name="stagedBytes">How many there are.</param>
/// <param name="meter">Counts those turned away.</param>
/// <param name="time">The clock of the rate.</param>
/// <param name="logger">Told now and then, however many come.</param>
internal sealed class SessionGate(
    GatewayAdmissionOptions options, long stagedBytesMax, Func<long> stagedBytes, GatewayMeter meter, TimeProvider time,
    ILogger logger)
{
    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly SessionRule _rule = new(options);
    private readonly long _begin = time.GetTimestamp();
    private TimeSpan _loggedAt = -LogEvery;
    private long _unlogged;

    /// <summary>How long the queue of those turned away is, whole milliseconds.</summary>
    public long QueueMilliseconds
    {
        get
        {
            lock (_gate)
                return (long)_rule.QueueAt(Now).TotalMilliseconds;
        }
    }

    /// <summary>A place for a session, given back by disposing it; null: come back after <paramref name="retryAfter"/>.</summary>
    public IDisposable? TryEnter(string vehicle, out TimeSpan retryAfter)
    {
        bool hasMemory = stagedBytes() < stagedBytesMax;
        return TryEnter(vehicle, hasMemory, hasMemory ? "sessions" : "bytes in memory", out retryAfter) ? new Place(this) : null;
    }

    /// <summary>
    /// For a carrier that has no room of its own for the session: after how long the vehicle is to come back, in turn with
    /// all others that were turned away.
    /// </summary>
    public TimeSpan TurnAway(string vehicle)
    {
        TryEnter(vehicle, false, "streams over the broker", out TimeSpan retryAfter);
        return retryAfter;
    }

    private bool TryEnter(string vehicle, bool hasRoom, string reason, out TimeSpan retryAfter)
    {
        long unlogged = 0;
        lock (_gate)
        {
            TimeSpan now = Now;
            if (_rule.TryEnter(vehicle, now, hasRoom, out retryAfter))
                return true;
            _unlogged++;
            if (now - _loggedAt >= LogEvery)
            {
                (unlogged, _unlogged) = (_unlogged, 0);
                _loggedAt = now;
            }
        }

        meter.SessionsTurnedAway.Add(1);
        if (unlogged > 0)
            AdmissionLog.TurnedAway(logger, unlogged, vehicle, retryAfter, reason);
        return false;
    }

    private TimeSpan Now => time.GetElapsedTime(_begin);

    private void Leave()
    {
        lock (_gate)
            _rule.Leave();
    }

    private sealed class Place(SessionGate gate) : IDisposable
    {
        private SessionGate? _gate = gate;

        public void Dispose() => Interlocked.Exchange(ref _gate, null)?.Leave();
    }
}
