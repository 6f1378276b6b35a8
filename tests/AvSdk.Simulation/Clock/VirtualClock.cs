namespace AvSdk.Simulation.Clock;

/// <summary>
/// The one clock: it stands while anything can run, and then goes to the next event. Used by the pool's one
/// thread only.
/// </summary>
internal sealed class VirtualClock
{
    private readonly PriorityQueue<Scheduled, (long At, long Number)> _events = new();
    private const int EventsAtOnceMax = 100_000;

    private long _number;
    private int _still;

    /// <summary>Since the run began.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Events that happened.</summary>
    public long Events { get; private set; }

    /// <summary>The run is over: nothing is due any more.</summary>
    public bool IsStopped { get; private set; }

    public Scheduled At(TimeSpan at, Action action)
    {
        Scheduled scheduled = new(action, at < Now ? Now : at);
        if (!IsStopped)
            _events.Enqueue(scheduled, (scheduled.Due.Ticks, _number++));
        return scheduled;
    }

    public Scheduled After(TimeSpan delay, Action action) => At(Now + delay, action);

    /// <summary>Completes later, with its continuation queued to the pool.</summary>
    public Task Delay(TimeSpan delay)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        After(delay, done.SetResult);
        return done.Task;
    }

    /// <summary>Goes to the next event and lets it happen. False: there is none.</summary>
    public bool Step()
    {
        while (!IsStopped && _events.TryDequeue(out Scheduled? next, out _))
        {
            if (next.Action is not { } action)
                continue;
            _still = next.Due == Now ? _still + 1 : 0;
            if (_still > EventsAtOnceMax)
            {
                throw new InvalidOperationException(
                    $"{EventsAtOnceMax} events at {Now} and no end: something waits for no time, again and again.");
            }

            Now = next.Due;
            Events++;
            next.Cancel();
            action();
            return true;
        }

        return false;
    }

    public void Stop()
    {
        IsStopped = true;
        _events.Clear();
    }

    /// <summary>Something that is to happen.</summary>
    internal sealed class Scheduled(Action action, TimeSpan due)
    {
        public Action? Action { get; private set; } = action;

        public TimeSpan Due { get; } = due;

        public void Cancel() => Action = null;
    }
}
