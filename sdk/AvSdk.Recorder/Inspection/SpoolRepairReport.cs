namespace AvSdk.Recording.Inspection;

/// <summary>What a repair did.</summary>
/// <param name="Actions">A sentence each, in order; empty: there was nothing to do.</param>
/// <param name="SegmentsSealed">Segments that got their end, with or without a cut.</param>
/// <param name="BytesCut">Bytes of torn tails that were cut.</param>
/// <param name="SegmentsSplit">Damaged segments whose whole chunks are in new ones now.</param>
/// <param name="ChunksLost">Damaged chunks, noted in the journal as damaged.</param>
/// <param name="FilesPutAside">Files that are called <c>*.damaged</c> now.</param>
/// <param name="JournalRebuilt">The journal was damaged, and was written anew with what could be read.</param>
public sealed record SpoolRepairReport(
    IReadOnlyList<string> Actions, int SegmentsSealed, long BytesCut, int SegmentsSplit, long ChunksLost,
    int FilesPutAside, bool JournalRebuilt);
