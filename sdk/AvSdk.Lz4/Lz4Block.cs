using System.Buffers;

namespace AvSdk.Lz4;

/// <summary>The LZ4 block format: compressed bytes without length, checksum or header.</summary>
/// <remarks>
/// <para>A block is a run of sequences: a token (literal length in the high four bits, match length − 4 in
/// the low four), more length bytes where a field is 15, the literals, a two-byte offset, more match length
/// bytes. The last sequence has literals only.</para>
/// <para>Thread-safe; allocates nothing; source and destination must not overlap. The bytes of the
/// destination behind those written may be overwritten with anything.</para>
/// Source: LZ4 Block Format Description (lz4/lz4, doc/lz4_Block_format.md).
/// </remarks>
public static class Lz4Block
{
    /// <summary>The most bytes that one block can be made from: 2,113,929,216.</summary>
    public const int InputBytesMax = 0x7E000000;

    /// <summary>The most bytes that a block of <paramref name="sourceBytes"/> bytes can take.</summary>
    /// <param name="sourceBytes">0 to <see cref="InputBytesMax"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or too large.</exception>
    public static int CompressBound(int sourceBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sourceBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sourceBytes, InputBytesMax);
        return sourceBytes + (sourceBytes / 255) + 16;
    }

    /// <summary>Compresses a block.</summary>
    /// <param name="source">
    /// What to compress, at most <see cref="InputBytesMax"/> bytes; may be empty.
    /// </param>
    /// <param name="destination">
    /// Where to; with <see cref="CompressBound"/> bytes it always fits. A shorter one is allowed.
    /// </param>
    /// <returns>The bytes written; 0 when the block does not fit into the destination.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The source is too long.</exception>
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, InputBytesMax, nameof(source));
        return BlockCompressor.Compress(source, destination);
    }

    /// <summary>Compresses a block at a level.</summary>
    /// <param name="source">As above.</param>
    /// <param name="destination">As above.</param>
    /// <param name="level">
    /// 0: fast, as without a level. 3 to 12: high compression, as <see cref="Lz4FrameOptions.Level"/>; takes
    /// 256 KiB, from 10 on 512 KiB, from <see cref="ArrayPool{T}.Shared"/> for the time of the call.
    /// </param>
    /// <returns>The bytes written; 0 when the block does not fit into the destination.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The source is too long, or the level is none.</exception>
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination, int level)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, InputBytesMax, nameof(source));
        if (CompressionLevel.Checked(level) == CompressionLevel.Fast)
            return BlockCompressor.Compress(source, destination);
        HighCompressor high = new(level, ArrayPool<byte>.Shared);
        try
        {
            return high.Compress(source, prefixBytes: 0, destination);
        }
        finally
        {
            high.Return();
        }
    }

    /// <summary>
    /// Decompresses a block. Never throws for bad bytes, never reads or writes out of bounds.
    /// </summary>
    /// <param name="source">The whole block, and nothing else.</param>
    /// <param name="destination">Where to; at least as long as the content.</param>
    /// <param name="written">The content's length in bytes; 0 on failure.</param>
    /// <returns>False when the block is damaged or its content is longer than the destination.</returns>
    public static bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination, out int written) =>
        Decompress(source, destination, default, out written).IsOk;

    /// <summary>Decompresses a block whose matches may reach back into a dictionary.</summary>
    /// <param name="source">The whole block, and nothing else.</param>
    /// <param name="destination">Where to; at least as long as the content.</param>
    /// <param name="dictionary">
    /// The bytes that come before the content, wherever they are; only the last 65,535 count. May be empty.
    /// </param>
    /// <param name="written">The content's length in bytes; 0 on failure.</param>
    /// <returns>False when the block is damaged or its content is longer than the destination.</returns>
    public static bool TryDecompress(
        ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<byte> dictionary, out int written) =>
        Decompress(source, destination, dictionary, out written).IsOk;

    /// <summary>Decompresses a block and says what is wrong with it.</summary>
    /// <param name="source">The whole block, and nothing else.</param>
    /// <param name="destination">Where to; at least as long as the content.</param>
    /// <param name="dictionary">The bytes that come before the content; may be empty.</param>
    /// <param name="written">The content's length in bytes; 0 on failure.</param>
    /// <returns>
    /// Success, or <see cref="Lz4Error.BlockTruncated"/>, <see cref="Lz4Error.BadMatchOffset"/> or
    /// <see cref="Lz4Error.DestinationTooSmall"/> with the offset in <paramref name="source"/>.
    /// </returns>
    public static Lz4Result Decompress(
        ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<byte> dictionary, out int written) =>
        BlockDecompressor.Decompress(source, destination, prefixBytes: 0, dictionary, out written);
}
