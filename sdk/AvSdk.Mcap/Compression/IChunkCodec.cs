namespace AvSdk.Mcap;

/// <summary>
/// Compresses and decompresses the records of a chunk. Narrow on purpose: another implementation of a format
/// is one class that implements this.
/// </summary>
internal interface IChunkCodec
{
    /// <summary>The word that stands in the file.</summary>
    string Name { get; }

    /// <summary>Whether this machine can run it.</summary>
    bool IsAvailable { get; }

    /// <summary>The most bytes that <paramref name="sourceBytes"/> can become.</summary>
    int CompressBound(int sourceBytes);

    /// <summary>
    /// Compresses all of <paramref name="source"/>; the destination holds the bound. Returns bytes written.
    /// The level is one that <see cref="ChunkCompression.Level"/> allows.
    /// </summary>
    int Compress(ReadOnlySpan<byte> source, Span<byte> destination, int level);

    /// <summary>
    /// The most bytes that <paramref name="compressedBytes"/> can decompress to, so that an impossible size
    /// is refused before memory is rented for it.
    /// </summary>
    long DecompressBound(int compressedBytes);

    /// <summary>
    /// Decompresses <paramref name="source"/> into exactly <paramref name="destination"/>; offsets in errors
    /// count from the start of the source.
    /// </summary>
    bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination, out McapError error);
}
