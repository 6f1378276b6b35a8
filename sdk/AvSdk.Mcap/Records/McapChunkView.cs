namespace AvSdk.Mcap;

/// <summary>
/// One chunk (MCAP specification, "Chunk"), over borrowed bytes: it lives as long as they do.
/// </summary>
public readonly ref struct McapChunkView
{
    /// <summary>A chunk from its parts; <paramref name="records"/> is borrowed.</summary>
    public McapChunkView(
        ulong messageStartTime,
        ulong messageEndTime,
        ulong uncompressedSize,
        uint uncompressedCrc,
        string compression,
        ReadOnlySpan<byte> records)
    {
        MessageStartTime = messageStartTime;
        MessageEndTime = messageEndTime;
        UncompressedSize = uncompressedSize;
        UncompressedCrc = uncompressedCrc;
        Compression = compression;
        Records = records;
    }

    /// <summary>The earliest log time, ns; 0 when there are no messages.</summary>
    public ulong MessageStartTime { get; }

    /// <summary>The latest log time, ns, inclusive; 0 when there are no messages.</summary>
    public ulong MessageEndTime { get; }

    /// <summary>
    /// Bytes of the records before compression, within <see cref="McapLimits.ChunkBytesMax"/>.
    /// </summary>
    public ulong UncompressedSize { get; }

    /// <summary>CRC-32 of the records before compression; 0: not available.</summary>
    public uint UncompressedCrc { get; }

    /// <summary><c>lz4</c>, <c>zstd</c>, or empty for plain.</summary>
    public string Compression { get; }

    /// <summary>The records as they stand in the file.</summary>
    public ReadOnlySpan<byte> Records { get; }
}
