namespace AvSdk.Query;

/// <summary>A recording that the gateway knows.</summary>
public sealed record RecordingEntry
{
    /// <summary>A UUIDv7.</summary>
    public required Guid RecordingId { get; init; }

    /// <summary>The vehicle that recorded it.</summary>
    public required string VehicleId { get; init; }

    /// <summary>When the recorder was started, ns.</summary>
    public required ulong StartedAt { get; init; }

    /// <summary>The software that recorded it.</summary>
    public required string Recorder { get; init; }

    /// <summary>The operator's key-value pairs.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The earliest log time, ns.</summary>
    public required ulong FirstLogTime { get; init; }

    /// <summary>The latest log time, ns, inclusive.</summary>
    public required ulong LastLogTime { get; init; }

    /// <summary>Chunks in the store.</summary>
    public required ulong StoredChunks { get; init; }

    /// <summary>Their bytes.</summary>
    public required ulong StoredBytes { get; init; }

    /// <summary>Announced chunks that are still in the vehicle.</summary>
    public required ulong AnnouncedChunks { get; init; }

    /// <summary>Their bytes.</summary>
    public required ulong AnnouncedBytes { get; init; }

    /// <summary>Messages in the stored chunks.</summary>
    public required ulong Messages { get; init; }

    /// <summary>How it ended; null: it goes on, or its end has not been told.</summary>
    public required RecordingEnding? Ending { get; init; }
}
