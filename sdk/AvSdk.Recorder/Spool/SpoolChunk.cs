namespace AvSdk.Recording.Spool;

/// <summary>
/// A chunk that lies in a segment. Kept small, since a spool may hold 100,000 of them: the header is read
/// from the segment when it is needed. Mutable state is the <see cref="SpoolIndex"/>'s, under its gate.
/// </summary>
internal sealed class SpoolChunk(
    SpoolSegment segment, ulong sequence, in ChunkPlace place, ulong firstLogTime, ulong lastLogTime)
{
    public SpoolSegment Segment { get; } = segment;

    public ulong Sequence { get; } = sequence;

    /// <summary>Changes when the segment is written anew, under the gate of its <see cref="SegmentReaders"/>.</summary>
    public ChunkPlace Place { get; set; } = place;

    public long BodyBytes => Place.BodyBytes;

    public ulong FirstLogTime { get; } = firstLogTime;

    public ulong LastLogTime { get; } = lastLogTime;

    /// <summary>When it was written, a timestamp of the clock; by an earlier run, when its segment was begun.</summary>
    public long RecordedAt { get; init; }

    public ChunkEnd End { get; set; }

    /// <summary>
    /// Why it ended so, a word of <see cref="EvictionReasons"/> or <see cref="Ledger.EndReasons"/>; empty: there is none to
    /// tell.
    /// </summary>
    public string EndReason { get; set; } = "";

    /// <summary>It is in the window of a mark: not evicted, while it is pending.</summary>
    public bool IsPinned { get; set; }

    /// <summary>The gateway has its header, told by this process.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>Somebody asked for it: it goes before all others. The upload queue's, under its gate.</summary>
    public bool IsRequested { get; set; }

    /// <summary>It goes before all that nobody asked for or marked. The upload queue's, under its gate.</summary>
    public bool IsUrgent { get; set; }

    /// <summary>Times in a row that it could not be read to be sent, and chunks read whole when it first could not.</summary>
    public (int Times, long ReadsBefore) Unread { get; set; }

    /// <summary>For people: recording, lane and sequence.</summary>
    public override string ToString() => $"{Segment.Recording.Id}/{Segment.Lane.Name}/{Sequence}";
}
