namespace AvSdk.Ingestion;

/// <summary>
/// Tells all waiters that it may be worth trying again. Take <see cref="Next"/>, try, and only then await it:
/// what is told in between is not missed. Costs nothing while nobody waits.
/// </summary>
internal sealed class Signal
{
    private TaskCompletionSource? _waiters;

    /// <summary>Ends when it is told the next time.</summary>
    public Task Next
    {
        get
        {
            if (Volatile.Read(ref _waiters) is { } waiters)
                return waiters.Task;
            TaskCompletionSource fresh = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return (Interlocked.CompareExchange(ref _waiters, fresh, null) ?? fresh).Task;
        }
    }

    public void Tell()
    {
        if (Volatile.Read(ref _waiters) is not null)
            Interlocked.Exchange(ref _waiters, null)?.TrySetResult();
    }
}
