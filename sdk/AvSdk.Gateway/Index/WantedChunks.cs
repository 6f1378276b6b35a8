using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Index;

/// <summary>Announced chunks of one vehicle that somebody asked for.</summary>
/// <param name="VehicleId">Who holds them.</param>
/// <param name="Chunks">Their names, oldest first.</param>
/// <param name="Bytes">Of their bodies.</param>
public sealed record WantedChunks(string VehicleId, IReadOnlyList<ChunkRef> Chunks, ulong Bytes);
