namespace AvSdk.Gateway.Store;

/// <summary>What <see cref="IndexRebuild"/> found.</summary>
/// <param name="Packs">Packs that were read.</param>
/// <param name="Chunks">Good chunks in them.</param>
/// <param name="Added">Of those, chunks that had no row.</param>
/// <param name="Problems">Sentences, each naming the pack; empty: there was none.</param>
public sealed record IndexRebuildReport(int Packs, long Chunks, long Added, IReadOnlyList<string> Problems);
