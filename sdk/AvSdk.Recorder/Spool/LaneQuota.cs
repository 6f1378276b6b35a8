using AvSdk.Recording.Chunking;

namespace AvSdk.Recording.Spool;

/// <summary>A lane's share of the spool; see <see cref="SpoolRoom"/>, whose gate guards its numbers.</summary>
internal sealed class LaneQuota(SpoolRoom room, LaneOptions options)
{
    private LaneOptions _options = options;

    /// <summary>Those in force.</summary>
    public LaneOptions Options => Volatile.Read(ref _options);

    /// <summary>Deletes what has no receipt when it is full.</summary>
    public bool Evicts => Options is { WhenFull: not WhenFull.Refuse, IsSync: false };

    /// <summary>Pulsed when there may be space again.</summary>
    public SpaceSignal Space { get; } = new();

    /// <summary>Bytes of the lane's segments.</summary>
    public long StoredBytes => room.Stored(this);

    /// <summary>Why nothing more is taken, a word of <see cref="EvictionReasons"/>; null: it is.</summary>
    public string? FullReason => room.WhyFull(this, ChunkBufferPool.Granularity);

    /// <summary>Another configuration is in force.</summary>
    public void Reconfigure(LaneOptions options)
    {
        Volatile.Write(ref _options, options);
        Space.Pulse();
    }

    /// <summary>Takes space for what is being built; false: there is none.</summary>
    public bool TryTake(long bytes) => room.TryTake(this, bytes);

    /// <summary>What was built is in the spool, or nowhere.</summary>
    public void Return(long bytes) => room.Change(this, new RoomChange { Unwritten = -bytes });

    /// <summary>Segments grew, or were deleted.</summary>
    public void Store(long bytes) => room.Change(this, new RoomChange { Stored = bytes });

    /// <summary>Segments of earlier runs that recovery has not read yet; negative: it has.</summary>
    public void Expect(long bytes) => room.Change(this, new RoomChange { Unrecovered = bytes });

    /// <summary>What recovery could not read is left as it is: it takes its room, and nothing of it can go.</summary>
    public void SettleUnrecovered() => room.Settle(this);

    /// <summary>Of what is stored, so much can be deleted since it was delivered, or evicted.</summary>
    public void ChangeRemovable(long delivered, long evictable) =>
        room.Change(this, new RoomChange { Delivered = delivered, Evictable = evictable });

    /// <summary>The numbers, under the room's gate.</summary>
    internal RoomChange Numbers { get; set; }
}

/// <summary>Bytes of one lane, or what becomes more or fewer of them.</summary>
internal readonly record struct RoomChange(
    long Unwritten, long Stored, long Unrecovered, long Delivered, long Evictable)
{
    public static RoomChange operator +(in RoomChange x, in RoomChange y) => new(
        x.Unwritten + y.Unwritten, x.Stored + y.Stored, x.Unrecovered + y.Unrecovered, x.Delivered + y.Delivered,
        x.Evictable + y.Evictable);
}
