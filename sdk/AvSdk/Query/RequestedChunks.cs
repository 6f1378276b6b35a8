namespace AvSdk.Query;

/// <summary>What was asked of the vehicles.</summary>
/// <param name="Chunks">Chunks that were announced and not stored yet.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="ReachableChunks">Of those, chunks whose vehicle is connected now; the others are asked when
/// they connect.</param>
public sealed record RequestedChunks(ulong Chunks, ulong Bytes, ulong ReachableChunks);
