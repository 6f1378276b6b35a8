namespace AvSdk.Recording.Spool;

/// <summary>
/// What the spool holds of one lane, over all recordings. Mutable state is the <see cref="SpoolIndex"/>'s,
/// under its gate.
/// </summary>
internal sealed class SpoolLane(LaneOptions options, SpoolRoom room)
{
    private LaneOptions _options = options;

    /// <summary>Those in force; the index changes them.</summary>
    public LaneOptions Options
    {
        get => Volatile.Read(ref _options);
        set => Volatile.Write(ref _options, value);
    }

    public string Name => Options.Name;

    public LaneQuota Quota { get; } = room.Add(options);

    /// <summary>Oldest first.</summary>
    public List<SpoolSegment> Segments { get; } = [];

    public long PendingChunks { get; set; }

    public long PendingBytes { get; set; }

    /// <summary>Of the pending ones, those in the window of a mark.</summary>
    public long PinnedChunks { get; set; }

    /// <summary>Files of earlier runs that recovery has not read yet: older than all segments of this one.</summary>
    public int UnrecoveredFiles { get; set; }

    public void Insert(SpoolSegment segment)
    {
        int at = Segments.Count;
        while (at > 0 && Compare(Segments[at - 1], segment) > 0)
            at--;
        Segments.Insert(at, segment);
    }

    private static int Compare(SpoolSegment x, SpoolSegment y)
    {
        int byRecording = RecordingIds.Compare(x.Recording.Id, y.Recording.Id);
        return byRecording != 0 ? byRecording : x.FirstSequence.CompareTo(y.FirstSequence);
    }
}
