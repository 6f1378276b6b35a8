using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Index;

/// <summary>A chunk whose bytes are durable, about to get its row.</summary>
/// <param name="Header">As verified against the body.</param>
/// <param name="Location">Where the body was written.</param>
public sealed record StoredChunk(ChunkHeader Header, PackLocation Location);
