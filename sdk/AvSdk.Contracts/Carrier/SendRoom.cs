namespace AvSdk.Contracts.Carrier;

/// <summary>Bytes that are on their way to the broker, bounded; and a bell for whoever waits. Safe for threads.</summary>
internal sealed class SendRoom(long bytesMax)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;

    /// <summary>Ends when something has changed since it was asked for.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
                return _changed.Task;
        }
    }

    /// <summary>One publication is always let through.</summary>
    public bool HasRoom(int bytes)
    {
        lock (_lock)
            return _bytes == 0 || _bytes + bytes <= bytesMax;
    }

    public void Add(int bytes)
    {
        lock (_lock)
            _bytes += bytes;
        if (bytes < 0)
            Ring();
    }

    public void Ring()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
