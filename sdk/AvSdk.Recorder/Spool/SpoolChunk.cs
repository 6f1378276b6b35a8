namespace AvSdk.Recording.Spool;

/// <summary>
/// A chunk that lies in a segment. Kept small, since a spool may hold 100,000 of them: the header is read
/// from the segment when it is needed. Mutable state is the <see cref="SpoolIndex"/>'s, under its gate.
/// </summary>
internal sealed class SpoolChunk(SpoolSegment segment, ulong sequence, in ChunkPlace place)
{
    public SpoolSegment Segment { get; } = segment;

    public ulong Sequence { get; } = sequence;

    public ChunkPlace Place { get; } = place;

    public long BodyBytes => Place.BodyBytes;

    public ChunkEnd End { get; set; }

    /// <summary>
    /// Why it ended so, a word of <see cref="EvictionReasons"/> or <see cref="Ledger.EndReasons"/>; empty: there is none to
    /// tell.
    /// </summary>
    public string EndReason { get; set; } = "";

    /// <summary>The gateway has its header, told by this process.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>Somebody asked for it: it goes before all others.</summary>
    public bool IsRequested { get; set; }

    /// <summary>For people: recording, lane and sequence.</summary>
    public override string ToString() => $"{Segment.Recording.Id}/{Segment.Lane.Name}/{Sequence}";
}
