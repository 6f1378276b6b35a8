using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Spool;

/// <summary>A chunk that is whole by framing.</summary>
/// <param name="Sequence">By its place in the segment, which has no gaps.</param>
/// <param name="Record">Null: it has no private record, or one that does not fit it.</param>
/// <param name="Place">Where it lies; without a record, where its body does; of one that has ended, its record.</param>
internal readonly record struct ScannedChunk(ulong Sequence, ChunkRecord? Record, ChunkPlace Place);
