using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Index;

/// <summary>A chunk's row.</summary>
public sealed record IndexedChunk
{
    /// <summary>As the vehicle told it. Shared: not to be modified.</summary>
    public required ChunkHeader Header { get; init; }

    /// <summary>The vehicle that recorded it.</summary>
    public required string VehicleId { get; init; }

    /// <summary>
    /// The ordinal at which it was stored; null: it is announced, its bytes are still in the vehicle.
    /// </summary>
    public ulong? Ordinal { get; init; }

    /// <summary>Where the body is; null as long as the chunk is announced.</summary>
    public PackLocation? Location { get; init; }

    /// <summary>The chunk's name.</summary>
    public ChunkKey Key => ChunkKey.From(Header.Ref);
}
