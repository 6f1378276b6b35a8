using AvSdk.Recording.Ledger;

namespace AvSdk.Recording.Spool;

/// <summary>What an earlier recording left, and how far its recovery has come.</summary>
internal sealed class FoundRecording(Guid id)
{
    public Guid Id { get; } = id;

    public List<FoundSegment> Segments { get; } = [];

    public RecoveredEnd End { get; } = new(id);

    public LedgerRecovery? Account { get; set; }

    /// <summary>False: some segment could neither be read nor put aside.</summary>
    public bool AllWereRead { get; set; } = true;

    public bool IsDone { get; set; }

    /// <summary>By lane, in order of sequence.</summary>
    public void Sort() =>
        Segments.Sort(static (x, y) => (x.Name.Lane, x.Name.FirstSequence, x.Name.Attempt)
            .CompareTo((y.Name.Lane, y.Name.FirstSequence, y.Name.Attempt)));
}

/// <summary>A segment's file as it was listed.</summary>
internal sealed record FoundSegment(SegmentName Name, long LengthBytes)
{
    /// <summary>Recovered, deleted, or given up.</summary>
    public bool IsDone { get; set; }

    /// <summary>
    /// A flush of it failed: the kernel takes its pages for written, and no later flush of this file is worth anything.
    /// </summary>
    public bool FlushFailed { get; set; }

    /// <summary>Its end told how far sources had come.</summary>
    public bool PositionsAreKnown { get; set; }
}
