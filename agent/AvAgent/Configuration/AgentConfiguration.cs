using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Configuration;

/// <summary>What a configuration file says, with every value checked by itself. Null: the key is absent.</summary>
internal sealed record AgentConfiguration
{
    public required string VehicleId { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Null: record to the spool only.</summary>
    public GatewayConfiguration? Gateway { get; init; }
    public required SpoolConfiguration Spool { get; init; }
    public required RecorderConfiguration Recorder { get; init; }

    /// <summary>Null: the recorder's own lanes.</summary>
    public IReadOnlyList<LaneConfiguration>? Lanes { get; init; }
    public IReadOnlyList<LaneRuleConfiguration>? LaneRules { get; init; }
    public required IReadOnlyList<SourceConfiguration> Sources { get; init; }
    public required LoggingConfiguration Logging { get; init; }

    /// <summary>How long a stopping agent goes on sending what is in the spool. Zero: not at all.</summary>
    public TimeSpan DrainTime { get; init; }
}

internal sealed record GatewayConfiguration(Uri Address, bool IsPlaintextBeyondLoopback);

/// <param name="Folder">Absolute.</param>
internal sealed record SpoolConfiguration(string Folder, long? QuotaBytes, long? FreeSpaceFloorBytes);

internal sealed record RecorderConfiguration(long? MemoryBytesMax, long? MessageBytesMax, int? CompressionWorkers);

internal enum LaneDurabilityKind
{
    Memory,
    Interval,
    Sync,
}

internal enum LaneFullPolicy
{
    Refuse,
    EvictOldest,
}

internal sealed record LaneConfiguration
{
    public required string Name { get; init; }
    public LaneDurabilityKind? Durability { get; init; }
    public TimeSpan? FlushInterval { get; init; }
    public long? ChunkBytes { get; init; }
    public TimeSpan? ChunkWindow { get; init; }
    public long? SegmentBytesMax { get; init; }
    public TimeSpan? SegmentAgeMax { get; init; }
    public long? QuotaBytes { get; init; }
    public LaneFullPolicy? WhenFull { get; init; }
    public int? Priority { get; init; }
    public bool? DeleteAfterReceipt { get; init; }
    public TimeSpan? KeepAfterReceipt { get; init; }
}

internal sealed record LaneRuleConfiguration(string Topic, string Lane);

internal enum LogFormat
{
    Text,
    Json,
}

internal sealed record LoggingConfiguration(LogLevel Level, LogFormat Format);
