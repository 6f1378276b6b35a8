namespace AvSdk.Recording.Inspection;

/// <summary>What was exported.</summary>
/// <param name="Recordings">Recordings of which something was.</param>
/// <param name="Messages">Messages written.</param>
/// <param name="ChunksCopied">Chunks whose bytes were copied as they stand.</param>
/// <param name="ChunksFiltered">Chunks of which some messages were taken, or whose channels had to be renumbered.</param>
/// <param name="LeftOut">Chunks that were wanted and are damaged, and files that could not be read.</param>
public sealed record SpoolExportReport(
    int Recordings, ulong Messages, long ChunksCopied, long ChunksFiltered, IReadOnlyList<SpoolFinding> LeftOut);
