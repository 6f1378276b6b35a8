namespace AvSdk.Gateway.Index;

/// <summary>What a selection comes to.</summary>
/// <param name="StoredChunks">Chunks whose bytes are here.</param>
/// <param name="StoredBytes">Bytes of their bodies.</param>
/// <param name="AnnouncedChunks">Chunks that are still in the vehicles.</param>
/// <param name="AnnouncedBytes">Bytes of their bodies.</param>
public readonly record struct SelectionTotals(
    ulong StoredChunks, ulong StoredBytes, ulong AnnouncedChunks, ulong AnnouncedBytes);
