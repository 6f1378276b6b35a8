namespace AvSdk.Recording;

/// <summary>
/// A lane: a priority class of channels with its own chunks, durability, quota and upload policy.
/// </summary>
public sealed record LaneOptions
{
    /// <summary>1 to 64 of <c>[a-z0-9_-]</c>, for example <c>telemetry</c>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The lane's value: the greater number is uploaded first, and evicted last. -1000 to 1000. Default: 0.
    /// </summary>
    public int Priority { get; init; }

    /// <summary>
    /// Lanes of the same priority share the link by weight, in bytes: one of 3 gets three times as much as one of 1, while
    /// both have something to send. 1 to 1000. Default: 1.
    /// </summary>
    public int UploadWeight { get; init; } = 1;

    /// <summary>
    /// A chunk that has waited for so long goes before all that is neither marked nor asked for, whatever its priority; of
    /// several the earliest. 1 s to 365 days. Default: none.
    /// </summary>
    public TimeSpan? UploadDeadline { get; init; }

    /// <summary>Which of the lane's chunks go first. Default: <see cref="Recording.UploadOrder.OldestFirst"/>.</summary>
    public UploadOrder UploadOrder { get; init; } = UploadOrder.OldestFirst;

    /// <summary>When what was recorded survives a power cut. Default: an interval of 1250 ms.</summary>
    public LaneDurability Durability { get; init; } = LaneDurability.Interval(TimeSpan.FromMilliseconds(1250));

    /// <summary>The target of a chunk before compression, bytes; 64 KiB to 64 MiB. Default: 4 MiB.</summary>
    public int ChunkBytes { get; init; } = 4 << 20;

    /// <summary>
    /// A chunk is closed at the latest this long after its first message; 1 ms to 1 h. Default: 1 s. A lane whose
    /// durability is an interval closes its chunks after four fifths of that, if this is longer.
    /// </summary>
    public TimeSpan ChunkWindow { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A segment is sealed when it is as long; at least 1 MiB. Default: 64 MiB.</summary>
    public long SegmentBytesMax { get; init; } = 64 << 20;

    /// <summary>A segment is sealed when it is as old; at least 1 s. Default: 60 s.</summary>
    public TimeSpan SegmentAgeMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of the spool that the lane may fill; at least 4 MiB. Default: 8 GiB.</summary>
    public long QuotaBytes { get; init; } = 8L << 30;

    /// <summary>
    /// What happens at the quota, or when the spool or the disk is full. A lane whose durability is sync keeps what it
    /// accepted, so it refuses. Default: <see cref="Recording.WhenFull.Refuse"/>.
    /// </summary>
    public WhenFull WhenFull { get; init; } = WhenFull.Refuse;

    /// <summary>
    /// A segment is evicted when its first message was recorded so long ago, whatever <see cref="WhenFull"/> says; at
    /// least <see cref="SegmentAgeMax"/>. What is marked stays; not for a sync lane. Default: none.
    /// </summary>
    public TimeSpan? AgeMax { get; init; }

    /// <summary>
    /// Bytes of the disk that the lane leaves free, where that is more than <see cref="RecorderOptions.FreeBytesMin"/>:
    /// a lane of less value stops, or evicts, before the others have to. Default: 0.
    /// </summary>
    public long FreeBytesMin { get; init; }

    /// <summary>Whether segments whose chunks all have receipts are deleted. Default: true.</summary>
    public bool DeleteAfterReceipt { get; init; } = true;

    /// <summary>How long such a segment is kept before it is deleted. Default: 0, not at all.</summary>
    public TimeSpan KeepAfterReceipt { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// A message of as many bytes moves its channel to chunks of its own; at least 1 KiB. Default: 256 KiB.
    /// </summary>
    public int LargeMessageBytes { get; init; } = 256 << 10;

    /// <summary>
    /// A channel of as many bytes a second moves to chunks of its own; at least 1 KiB. Default: 1 MiB.
    /// </summary>
    public int LargeChannelBytesPerSecond { get; init; } = 1 << 20;

    internal bool IsSync => Durability is LaneDurability.EachBatch;

    /// <summary>
    /// The longest a segment grows: <see cref="SegmentBytesMax"/>, or a quarter of the quota, so that there
    /// is always one to evict.
    /// </summary>
    internal long SegmentTargetBytes => Math.Min(SegmentBytesMax, QuotaBytes / 4);

    /// <summary>
    /// How long a chunk stays open. An interval counts from the message on, so the time in the open chunk is part of it.
    /// </summary>
    internal TimeSpan OpenTime
    {
        get
        {
            if (Durability is not LaneDurability.EveryInterval { Window: TimeSpan interval })
                return ChunkWindow;
            TimeSpan openTimeMax = interval * 0.8;
            return openTimeMax < ChunkWindow ? openTimeMax : ChunkWindow;
        }
    }
}
