namespace AvSdk.Mcap;

/// <summary>What <see cref="ChunkBuilder.WriteBody"/> wrote.</summary>
/// <param name="BodyBytes">Bytes of the body: the Chunk record and its MessageIndex records.</param>
/// <param name="CompressedBytes">Bytes of the chunk's records as they stand in the body.</param>
/// <param name="UncompressedBytes">Bytes of the chunk's records before compression.</param>
/// <param name="Compression">The word in the chunk: <c>lz4</c>, <c>zstd</c>, or empty for plain.</param>
public readonly record struct ChunkBodySize(
    int BodyBytes, int CompressedBytes, int UncompressedBytes, string Compression);
