namespace AvSdk.Mcap;

internal enum ChunkTakenKind
{
    None,
    Copied,
    Rewritten,
    Skipped,
}

/// <summary>What became of a chunk.</summary>
internal readonly record struct ChunkTaken(ChunkTakenKind Kind)
{
    public static ChunkTaken Skipped => new(ChunkTakenKind.Skipped);

    /// <summary>Kept messages by channel; null: none. Borrowed until the next chunk.</summary>
    public IReadOnlyDictionary<ushort, long>? Channels { get; init; }

    public long Messages { get; init; }

    /// <summary>Whether its CRC vouches for them.</summary>
    public bool IsVouched { get; init; }

    public bool IsSalvaged { get; init; }

    /// <summary>Applications' own records that now stand outside of chunks.</summary>
    public long PrivateRecords { get; init; }
}
