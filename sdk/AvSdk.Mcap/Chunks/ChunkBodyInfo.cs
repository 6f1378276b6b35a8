namespace AvSdk.Mcap;

/// <summary>What a chunk's body says of itself, read without decompressing.</summary>
public sealed record ChunkBodyInfo
{
    /// <summary>The earliest log time, ns; 0 when there are no messages.</summary>
    public required ulong MessageStartTime { get; init; }

    /// <summary>The latest log time, ns, inclusive; 0 when there are no messages.</summary>
    public required ulong MessageEndTime { get; init; }

    /// <summary>
    /// Bytes of the records before compression, within <see cref="McapLimits.ChunkBytesMax"/>.
    /// </summary>
    public required long UncompressedBytes { get; init; }

    /// <summary>CRC-32 of the records before compression; 0: not available.</summary>
    public required uint UncompressedCrc { get; init; }

    /// <summary><c>lz4</c>, <c>zstd</c>, or empty for plain.</summary>
    public required string Compression { get; init; }

    /// <summary>Where the records begin, bytes from the start of the body.</summary>
    public required int RecordsOffset { get; init; }

    /// <summary>Bytes of the records as they stand in the body.</summary>
    public required int RecordsBytes { get; init; }

    /// <summary>
    /// Bytes of the Chunk record, opcode and length included: where the message indexes begin.
    /// </summary>
    public required int ChunkRecordBytes { get; init; }

    /// <summary>Bytes of the body.</summary>
    public required int BodyBytes { get; init; }

    /// <summary>Messages by the message indexes; 0 when the body has none.</summary>
    public required long MessageCount { get; init; }

    /// <summary>
    /// One for each MessageIndex record, in the order of the body; empty when the body has none (which does
    /// not mean that it has no messages).
    /// </summary>
    public required IReadOnlyList<ChunkBodyChannel> Channels { get; init; }
}
