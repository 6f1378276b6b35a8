namespace AvSdk.Recording.Spool;

/// <summary>
/// The bytes of the spool, by lane, against the quotas and the disk. What is being built counts before it is
/// written, with its size before compression, and only what may be deleted for it counts as room: so a message is
/// refused when it is offered, never after it was accepted. Safe for any number of threads.
/// </summary>
/// <remarks>
/// A lane finds room at its own cost and at that of lanes of no more value. What was to go and was marked
/// meanwhile is room no more: then what was accepted by then has to see, see <c>LaneSpool</c>.
/// </remarks>
internal sealed class SpoolRoom(RecorderOptions options)
{
    /// <summary>Of each quota, for the beginnings and ends of the segments that are open.</summary>
    public const long MarginBytes = 64 << 10;

    // Sums with it never overflow.
    private const long UnknownFreeBytes = long.MaxValue / 4;

    private readonly Lock _gate = new();
    private RecorderOptions _options = options;
    private readonly List<LaneQuota> _lanes = [];
    private long _damagedBytes;
    private long _freeBytes = UnknownFreeBytes;

    public LaneQuota Add(LaneOptions lane)
    {
        LaneQuota quota = new(this, lane);
        lock (_gate)
            _lanes.Add(quota);
        return quota;
    }

    /// <summary>Other options are in force; those of lanes come on their own.</summary>
    public void Reconfigure(RecorderOptions options)
    {
        lock (_gate)
        {
            _options = options;
            PulseHeld();
        }
    }

    public long Stored(LaneQuota lane)
    {
        lock (_gate)
            return lane.Numbers.Stored + lane.Numbers.Unrecovered;
    }

    /// <summary>What the disk has left, as it says now; -1: it would not say.</summary>
    public void SetFree(long bytes)
    {
        lock (_gate)
        {
            long before = _freeBytes;
            _freeBytes = bytes < 0 ? UnknownFreeBytes : Math.Min(bytes, UnknownFreeBytes);
            if (_freeBytes > before)
                PulseHeld();
        }
    }

    /// <summary>Files that were put aside became more bytes, or fewer.</summary>
    public void AddDamaged(long bytes)
    {
        lock (_gate)
        {
            _damagedBytes += bytes;
            _freeBytes -= bytes;
            if (bytes < 0)
                PulseHeld();
        }
    }

    public void Change(LaneQuota lane, RoomChange change)
    {
        lock (_gate)
        {
            lane.Numbers += change;
            // Until the disk is asked again.
            _freeBytes -= change.Stored;
            if (change.Unwritten < 0 || change.Stored < 0 || change.Unrecovered < 0 || change.Delivered > 0
                || change.Evictable > 0)
            {
                PulseHeld();
            }
        }
    }

    public void Settle(LaneQuota lane)
    {
        lock (_gate)
        {
            long bytes = lane.Numbers.Unrecovered;
            lane.Numbers += new RoomChange { Unrecovered = -bytes, Stored = bytes };
        }
    }

    public bool TryTake(LaneQuota lane, long bytes)
    {
        lock (_gate)
        {
            if (WhyFullHeld(lane, bytes) is not null)
                return false;
            lane.Numbers += new RoomChange { Unwritten = bytes };
            return true;
        }
    }

    /// <summary>Why a message that needs so many bytes would be refused; null: it would not.</summary>
    public string? WhyFull(LaneQuota lane, long bytes)
    {
        lock (_gate)
            return WhyFullHeld(lane, bytes);
    }

    /// <summary>What has to be made smaller before a chunk of so many bytes is written; null: nothing.</summary>
    /// <param name="lane">The lane of the chunk.</param>
    /// <param name="bytes">Bytes of its body.</param>
    /// <param name="freeBytes">What the disk has left; -1: it would not say.</param>
    public string? Shortage(LaneQuota lane, long bytes, long freeBytes)
    {
        lock (_gate)
        {
            if (lane.Numbers.Stored + lane.Numbers.Unrecovered + bytes > lane.Options.QuotaBytes - MarginBytes)
                return EvictionReasons.Quota;
            long stored = _damagedBytes;
            foreach (LaneQuota each in _lanes)
                stored += each.Numbers.Stored + each.Numbers.Unrecovered;
            if (stored + bytes > SpoolBytesMax)
                return EvictionReasons.SpoolQuota;
            return freeBytes >= 0 && freeBytes - bytes < FreeBytesMin(lane) ? EvictionReasons.FreeSpace : null;
        }
    }

    private long SpoolBytesMax =>
        _options.SpoolBytesMax is { } bytes ? bytes - (MarginBytes * _options.Lanes.Count) : long.MaxValue;

    private long FreeBytesMin(LaneQuota lane) => Math.Max(_options.FreeBytesMin, lane.Options.FreeBytesMin);

    private string? WhyFullHeld(LaneQuota lane, long bytes)
    {
        RoomChange own = lane.Numbers;
        long used = own.Stored + own.Unrecovered - own.Delivered - Evictable(lane) + own.Unwritten;
        if (used + bytes > lane.Options.QuotaBytes - MarginBytes)
            return EvictionReasons.Quota;
        long stored = 0;
        long needed = bytes;
        long removable = _options.KeepDamaged ? 0 : _damagedBytes;
        foreach (LaneQuota each in _lanes)
        {
            stored += each.Numbers.Stored + each.Numbers.Unrecovered;
            needed += each.Numbers.Unwritten;
            removable += each.Numbers.Delivered;
            if (each.Options.Priority <= lane.Options.Priority)
                removable += Evictable(each);
        }

        if (stored + _damagedBytes - removable + needed > SpoolBytesMax)
            return EvictionReasons.SpoolQuota;
        return _freeBytes + removable - needed < FreeBytesMin(lane) ? EvictionReasons.FreeSpace : null;
    }

    // What recovery has not read is older than all else of the lane, so it is the first to go.
    private static long Evictable(LaneQuota lane) =>
        lane.Numbers.Evictable + (lane.Evicts ? lane.Numbers.Unrecovered : 0);

    private void PulseHeld()
    {
        foreach (LaneQuota lane in _lanes)
            lane.Space.Pulse();
    }
}
