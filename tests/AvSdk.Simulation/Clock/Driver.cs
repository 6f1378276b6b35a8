namespace AvSdk.Simulation.Clock;

/// <summary>
/// Turns the clock. It is an item of the thread pool like everything else, always at the end of the queue: as
/// the pool has one thread, nothing else can run when the queue is empty, and only then time goes on.
/// </summary>
/// <remarks>
/// So the order of everything is decided by the queue and the seed. It holds as long as nothing outside of
/// the pool queues work: no real timer, no real I/O, no thread.
/// </remarks>
internal sealed class Driver : IThreadPoolWorkItem
{
    private readonly VirtualClock _clock;
    private readonly Func<bool> _isDone;
    private readonly TaskCompletionSource _ended = new();
    private long _turns;

    private Driver(VirtualClock clock, Func<bool> isDone)
    {
        _clock = clock;
        _isDone = isDone;
    }

    /// <summary>Turns so far, for a watchdog.</summary>
    public long Turns => Volatile.Read(ref _turns);

    /// <summary>
    /// Runs <paramref name="begin"/> in the pool, then turns the clock until <paramref name="isDone"/>, or
    /// nothing is left to happen.
    /// </summary>
    public static (Driver Driver, Task Ended) Start(VirtualClock clock, Action begin, Func<bool> isDone)
    {
        ThreadPool.GetMaxThreads(out int workers, out _);
        if (workers != 1)
        {
            throw new InvalidOperationException(
                $"The thread pool has up to {workers} threads; a run is only repeatable with one "
                + "(System.Threading.ThreadPool.MaxThreads in runtimeconfig.json).");
        }

        Driver driver = new(clock, isDone);
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                begin();
                ThreadPool.UnsafeQueueUserWorkItem(driver, preferLocal: false);
            },
            null);
        return (driver, driver._ended.Task);
    }

    public void Execute()
    {
        Volatile.Write(ref _turns, _turns + 1);
        try
        {
            if (ThreadPool.PendingWorkItemCount == 0 && (_isDone() || !_clock.Step()))
            {
                if (ThreadPool.PendingWorkItemCount == 0)
                {
                    _ended.SetResult();
                    return;
                }
            }
        }
        catch (Exception error)
        {
            _ended.SetException(error);
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
