using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Uplink;

/// <summary>The pending chunks of a lane. The <see cref="UploadQueue"/>'s, under its gate.</summary>
internal sealed class UploadLane(SpoolLane lane, LaneOptions options)
{
    private static readonly Comparer<SpoolChunk> AsRecorded = Comparer<SpoolChunk>.Create(Compare);

    // As far as a lane may catch up that could not send for a while, in bytes of a lane of weight 1.
    private const long CatchUpBytes = 1 << 20;
    private const long WeightMax = 1000;

    public SpoolLane Lane { get; } = lane;

    /// <summary>Those by which the chunks are in order.</summary>
    public LaneOptions Options { get; set; } = options;

    /// <summary>The lanes of the same priority.</summary>
    public UploadClass Class { get; set; } = null!;

    /// <summary>Somebody asked for them.</summary>
    public SortedSet<SpoolChunk> Requested { get; } = new(AsRecorded);

    /// <summary>In the window of a mark.</summary>
    public SortedSet<SpoolChunk> Marked { get; } = new(AsRecorded);

    public SortedSet<SpoolChunk> Rest { get; } = new(AsRecorded);

    /// <summary>The chunk of <see cref="Rest"/> that was begun last: it is ended before another is begun.</summary>
    public SpoolChunk? Begun { get; set; }

    /// <summary>
    /// What the lane has sent in its turns, by weight: of the lanes of a priority the one that has least goes next. One that
    /// had nothing to send gets no more for it, but <see cref="CatchUpBytes"/>.
    /// </summary>
    public long Turn
    {
        get => Math.Max(field, Class.Turn - (CatchUpBytes * WeightMax));
        set;
    }

    public bool IsEmpty => Requested.Count + Marked.Count + Rest.Count == 0;

    public SortedSet<SpoolChunk> Of(SpoolChunk chunk) => chunk.IsRequested ? Requested : chunk.IsUrgent ? Marked : Rest;

    /// <summary>What so many bytes are of a turn.</summary>
    public long Share(long bytes) => bytes * WeightMax / Options.UploadWeight;

    /// <summary>The timestamp at which a chunk is to be before all that is neither asked for nor marked.</summary>
    public long DueAt(SpoolChunk chunk, TimeProvider time) => Options.UploadDeadline is { } deadline
        ? chunk.RecordedAt + (long)(deadline.TotalSeconds * time.TimestampFrequency)
        : long.MaxValue;

    private static int Compare(SpoolChunk x, SpoolChunk y)
    {
        if (ReferenceEquals(x, y))
            return 0;
        int order = RecordingIds.Compare(x.Segment.Recording.Id, y.Segment.Recording.Id);
        return order != 0 ? order : x.Sequence.CompareTo(y.Sequence);
    }
}
