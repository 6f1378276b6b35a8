namespace AvSdk.Simulation.Clock;

/// <summary>A machine's wall clock, which jumps when it is set.</summary>
internal sealed class WallClock(DateTimeOffset start)
{
    public TimeSpan Offset { get; set; }

    public DateTimeOffset At(TimeSpan now) => start + now + Offset;
}

/// <summary>The clock as one process sees it; its timers end with the process.</summary>
internal sealed class MachineTime(VirtualClock clock, WallClock wall, Life life) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => wall.At(clock.Now);

    public override long GetTimestamp() => clock.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(clock, life, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(VirtualClock clock, Life life, TimerCallback callback, object? state) : ITimer
    {
        private VirtualClock.Scheduled? _next;
        private TimeSpan _period;
        private bool _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_isDisposed)
                return false;
            _next?.Cancel();
            _next = null;
            _period = period;
            // The kernel never wakes anybody early, and in the same moment only after what runs now.
            if (dueTime >= TimeSpan.Zero)
                _next = clock.After(dueTime, Fire);
            return true;
        }

        public void Dispose()
        {
            _isDisposed = true;
            _next?.Cancel();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire()
        {
            if (life.IsOver)
                return;
            _next = _period > TimeSpan.Zero ? clock.After(_period, Fire) : null;
            callback(state);
        }
    }
}
