namespace AvSdk.Gateway.Index;

/// <summary>Which chunks, in exact terms: globs were resolved before. Empty lists of ids mean all.</summary>
public sealed record ChunkSelection
{
    /// <summary>Everything.</summary>
    public static ChunkSelection All { get; } = new();

    /// <summary>Alternatives; empty: every vehicle.</summary>
    public IReadOnlyList<string> VehicleIds { get; init; } = [];

    /// <summary>Alternatives; empty: every recording.</summary>
    public IReadOnlyList<Guid> RecordingIds { get; init; } = [];

    /// <summary>Log time, ns, inclusive; null: open.</summary>
    public ulong? Start { get; init; }

    /// <summary>Log time, ns, exclusive; null: open.</summary>
    public ulong? End { get; init; }

    /// <summary>Exact topics; null: every topic. An empty list selects nothing.</summary>
    public IReadOnlyList<string>? Topics { get; init; }

    /// <summary>Of stored chunks, only those up to this ordinal; null: all.</summary>
    public ulong? AsOf { get; init; }
}
