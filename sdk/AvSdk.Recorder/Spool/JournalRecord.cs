using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Spool;

/// <summary>One thing that happened, as the journal tells it.</summary>
internal abstract record JournalRecord
{
    /// <summary>A recording began.</summary>
    public sealed record Started(RecordingInfo Recording) : JournalRecord;

    /// <summary>A recording ended; the gateway is still to be told.</summary>
    public sealed record Ended(RecordingEnd End) : JournalRecord;

    /// <summary>The gateway has the end of a recording.</summary>
    public sealed record EndTold(Guid RecordingId) : JournalRecord;

    /// <summary>
    /// Chunks <paramref name="First"/> to <paramref name="Last"/> of a lane ended, all in the same way and for
    /// the same reason; empty: there is none to tell.
    /// </summary>
    public sealed record ChunksEnded(
        Guid RecordingId, string Lane, ChunkEnd End, ulong First, ulong Last, string Reason = "")
        : JournalRecord;

    /// <summary>How far a source had come in a segment that is no more.</summary>
    public sealed record Position(SourcePosition Source, long UnixMilliseconds) : JournalRecord;

    /// <summary>Chunks with log times from <paramref name="First"/> to <paramref name="Last"/> are pinned.</summary>
    public sealed record Marked(Guid MarkId, ulong First, ulong Last) : JournalRecord;

    /// <summary>Nothing is left of a mark.</summary>
    public sealed record Unmarked(Guid MarkId) : JournalRecord;

    /// <summary>Nothing is left of a recording; what the journal says of it may go.</summary>
    public sealed record Forgotten(Guid RecordingId) : JournalRecord;
}
