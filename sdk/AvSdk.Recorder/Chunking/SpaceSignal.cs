namespace AvSdk.Recording.Chunking;

/// <summary>
/// Tells waiters that it may be worth trying again. Take <see cref="Next"/>, try, and only then await it: a
/// pulse between the two is not missed. Costs nothing while nobody waits.
/// </summary>
internal sealed class SpaceSignal
{
    private TaskCompletionSource? _waiters;

    /// <summary>Completes at the next pulse.</summary>
    public Task Next
    {
        get
        {
            TaskCompletionSource? waiters = Volatile.Read(ref _waiters);
            while (waiters is null)
            {
                TaskCompletionSource fresh = new(TaskCreationOptions.RunContinuationsAsynchronously);
                waiters = Interlocked.CompareExchange(ref _waiters, fresh, null) ?? fresh;
            }

            return waiters.Task;
        }
    }

    public bool HasWaiters => Volatile.Read(ref _waiters) is not null;

    public void Pulse()
    {
        if (Volatile.Read(ref _waiters) is not null)
            Interlocked.Exchange(ref _waiters, null)?.TrySetResult();
    }
}
