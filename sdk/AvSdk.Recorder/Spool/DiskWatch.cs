namespace AvSdk.Recording.Spool;

/// <summary>Whether the disk refuses what lanes write, and what that cost. Safe for any number of threads.</summary>
internal sealed class DiskWatch
{
    private readonly Lock _gate = new();
    private int _lanes;
    private DateTimeOffset? _since;
    private long _dropped;

    /// <summary>A lane holds its chunks in memory.</summary>
    public bool Refuses => Volatile.Read(ref _lanes) > 0;

    public void Begin(DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_lanes++ == 0)
                _since = now;
        }
    }

    public void End()
    {
        lock (_gate)
        {
            if (--_lanes == 0)
                _since = null;
        }
    }

    public void AddDropped(int chunks) => Interlocked.Add(ref _dropped, chunks);

    public DiskStatus ToStatus(long heldChunks)
    {
        lock (_gate)
            return new DiskStatus(_lanes > 0, _since, heldChunks, Volatile.Read(ref _dropped));
    }
}
