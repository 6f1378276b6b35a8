namespace AvSdk.Mcap;

/// <summary>Where a chunk is and what it holds (MCAP specification, "Chunk Index").</summary>
public sealed record McapChunkIndex
{
    /// <summary>The earliest log time in the chunk, ns; 0 when it has no messages.</summary>
    public ulong MessageStartTime { get; init; }

    /// <summary>The latest log time in the chunk, ns, inclusive; 0 when it has no messages.</summary>
    public ulong MessageEndTime { get; init; }

    /// <summary>File offset of the chunk record's opcode.</summary>
    public ulong ChunkStartOffset { get; init; }

    /// <summary>Bytes of the chunk record with opcode and length.</summary>
    public ulong ChunkLength { get; init; }

    /// <summary>File offset of the message index record of each channel; empty: there are none.</summary>
    public IReadOnlyDictionary<ushort, ulong> MessageIndexOffsets { get; init; } =
        new Dictionary<ushort, ulong>();

    /// <summary>Bytes of all message index records after the chunk.</summary>
    public ulong MessageIndexLength { get; init; }

    /// <summary><c>lz4</c>, <c>zstd</c>, or empty for plain.</summary>
    public string Compression { get; init; } = "";

    /// <summary>Bytes of the chunk's records as they stand in the file.</summary>
    public ulong CompressedSize { get; init; }

    /// <summary>Bytes of the chunk's records before compression.</summary>
    public ulong UncompressedSize { get; init; }
}
