namespace AvSdk.Mcap;

/// <summary>How a file is recovered.</summary>
public sealed record McapRecoveryOptions
{
    /// <summary>The options when none are given.</summary>
    public static McapRecoveryOptions Default { get; } = new();

    /// <summary>How large what comes from bytes may be; default: the default limits.</summary>
    public McapLimits Limits { get; init; } = McapLimits.Default;

    /// <summary>
    /// Whether the well-framed records of a chunk are taken although its CRC is wrong, it is cut short or its
    /// compressed bytes are damaged; default false: such a chunk is skipped whole, since its checksum vouches
    /// for nothing of it. What is taken counts as <see cref="McapRecoveryReport.MessagesSalvaged"/>, and the
    /// chunk stays in the list of what was skipped.
    /// </summary>
    public bool SalvageDamagedChunks { get; init; }

    /// <summary>
    /// How messages are compressed that stood outside of chunks or in a chunk that must be written anew;
    /// default LZ4. Good chunks are copied as they are.
    /// </summary>
    public ChunkCompression Compression { get; init; } = ChunkCompression.Lz4;

    /// <summary>
    /// Messages that stood outside of chunks are put into chunks of so many bytes before compression; default
    /// 4 MiB, at least 1.
    /// </summary>
    public int ChunkBytes { get; init; } = 4 << 20;
}
