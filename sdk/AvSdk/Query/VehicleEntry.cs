namespace AvSdk.Query;

/// <summary>A vehicle that the gateway knows.</summary>
public sealed record VehicleEntry
{
    /// <summary>Its name.</summary>
    public required string VehicleId { get; init; }

    /// <summary>Its recordings.</summary>
    public required ulong Recordings { get; init; }

    /// <summary>Its chunks in the store.</summary>
    public required ulong StoredChunks { get; init; }

    /// <summary>Their bytes.</summary>
    public required ulong StoredBytes { get; init; }

    /// <summary>Its announced chunks that are still in the vehicle.</summary>
    public required ulong AnnouncedChunks { get; init; }

    /// <summary>Their bytes.</summary>
    public required ulong AnnouncedBytes { get; init; }

    /// <summary>When the gateway last heard of it; null: not since the gateway started.</summary>
    public required DateTimeOffset? LastSeen { get; init; }

    /// <summary>It has a connection to the gateway now.</summary>
    public required bool Connected { get; init; }
}
