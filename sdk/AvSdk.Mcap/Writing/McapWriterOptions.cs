namespace AvSdk.Mcap;

/// <summary>How a file is written.</summary>
public sealed record McapWriterOptions
{
    /// <summary>The header's profile; default empty: none.</summary>
    public string Profile { get; init; } = "";

    /// <summary>The header's library; default <c>avsdk</c>.</summary>
    public string Library { get; init; } = "avsdk";

    /// <summary>
    /// A chunk is written once its records reach so many bytes before compression; default 4 MiB. 0: messages
    /// go into the file one by one, without chunks, and cannot be found by index.
    /// </summary>
    public int ChunkBytes { get; init; } = 4 << 20;

    /// <summary>How chunks are compressed; default LZ4.</summary>
    public ChunkCompression Compression { get; init; } = ChunkCompression.Lz4;

    /// <summary>
    /// Whether the CRC of the data section is kept; default true. The chunks have CRCs of their own.
    /// </summary>
    public bool DataSectionCrc { get; init; } = true;

    /// <summary>
    /// Whether disposing an unfinished writer finishes the file; default true. False leaves it unsealed.
    /// </summary>
    public bool FinishOnDispose { get; init; } = true;

    /// <summary>What <see cref="McapWriter.WriteChunkBody"/> takes; default: the default limits.</summary>
    public McapLimits Limits { get; init; } = McapLimits.Default;
}
