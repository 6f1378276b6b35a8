using AvSdk.Recording.Chunking;

namespace AvSdk.Recording.Spool;

/// <summary>
/// A lane's share of the disk. What is being built counts before it is written, with its size before
/// compression: so a message is refused when it is offered, never after it was accepted.
/// </summary>
internal sealed class LaneQuota(LaneOptions options)
{
    private LaneOptions _options = options;
    private readonly Lock _gate = new();
    private long _unwrittenBytes;
    private long _storedBytes;
    private long _removableBytes;
    private bool _diskIsFull;

    /// <summary>Pulsed when there may be space again.</summary>
    public SpaceSignal Space { get; } = new();

    public long StoredBytes
    {
        get
        {
            lock (_gate)
                return _storedBytes;
        }
    }

    public bool IsFull
    {
        get
        {
            lock (_gate)
                return !Fits(ChunkBufferPool.Granularity);
        }
    }

    /// <summary>Another configuration is in force.</summary>
    public void Reconfigure(LaneOptions options)
    {
        lock (_gate)
            _options = options;
        Space.Pulse();
    }

    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            if (!Fits(bytes))
                return false;
            _unwrittenBytes += bytes;
            return true;
        }
    }

    public void Return(long bytes)
    {
        lock (_gate)
            _unwrittenBytes -= bytes;
        Space.Pulse();
    }

    /// <summary>Segments grew, or were deleted.</summary>
    public void Store(long bytes)
    {
        lock (_gate)
            _storedBytes += bytes;
        if (bytes < 0)
            Space.Pulse();
    }

    /// <summary>Bytes of segments that may be deleted to make room became more, or fewer.</summary>
    public void AddRemovable(long bytes)
    {
        lock (_gate)
            _removableBytes += bytes;
        if (bytes > 0)
            Space.Pulse();
    }

    /// <summary>The disk has less than it must keep free, or has enough again.</summary>
    public void SetDiskFull(bool isFull)
    {
        bool relieved;
        lock (_gate)
        {
            relieved = _diskIsFull && !isFull;
            _diskIsFull = isFull;
        }

        if (relieved)
            Space.Pulse();
    }

    private bool Fits(long bytes) =>
        _storedBytes - _removableBytes + _unwrittenBytes + bytes <= _options.QuotaBytes
        && (!_diskIsFull || _removableBytes > 0);
}
