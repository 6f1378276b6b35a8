using AvSdk.Recording.Chunking;

namespace AvSdk.Recording.Spool;

/// <summary>Whether the disk refuses what lanes write, and what that cost. Safe for any number of threads.</summary>
internal sealed class DiskWatch
{
    private readonly Lock _gate = new();
    private int _lanes;
    private bool _isAway;
    private DateTimeOffset? _since;
    private long _dropped;

    /// <summary>A lane holds its chunks in memory, or would have to.</summary>
    public bool Refuses => Volatile.Read(ref _lanes) > 0 || IsAway;

    /// <summary>The spool's folder is not there.</summary>
    public bool IsAway => Volatile.Read(ref _isAway);

    /// <summary>Pulsed when it went away, or came back.</summary>
    public SpaceSignal Changed { get; } = new();

    public void Begin(DateTimeOffset now)
    {
        lock (_gate)
        {
            _lanes++;
            _since ??= now;
        }
    }

    public void End()
    {
        lock (_gate)
        {
            _lanes--;
            SettleHeld();
        }
    }

    /// <summary>True: that is news.</summary>
    public bool SetAway(bool isAway, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (isAway == _isAway)
                return false;
            Volatile.Write(ref _isAway, isAway);
            if (isAway)
                _since ??= now;
            SettleHeld();
        }

        Changed.Pulse();
        return true;
    }

    public void AddDropped(int chunks) => Interlocked.Add(ref _dropped, chunks);

    public DiskStatus ToStatus(long heldChunks)
    {
        lock (_gate)
            return new DiskStatus(Refuses, _since, heldChunks, Volatile.Read(ref _dropped));
    }

    private void SettleHeld()
    {
        if (_lanes == 0 && !_isAway)
            _since = null;
    }
}
