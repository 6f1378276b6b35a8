using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace AvSdk.Lz4;

/// <summary>
/// LZ4 frames in one call, from memory to memory. What the <c>lz4</c> command reads and writes.
/// </summary>
/// <remarks>
/// Thread-safe; allocates nothing; source and destination must not overlap. For data
/// in pieces see <see cref="Lz4FrameDecoder"/>, <see cref="Lz4FrameEncoder"/> and <see cref="Lz4Stream"/>.
/// Source: LZ4 Frame Format Description 1.6.4 (lz4/lz4, doc/lz4_Frame_format.md).
/// </remarks>
public static class Lz4Frame
{
    /// <summary>The most bytes that a frame of <paramref name="sourceBytes"/> bytes can take.</summary>
    /// <param name="sourceBytes">The content's length, not negative.</param>
    /// <param name="options">How the frame is to be written.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The length is negative, or the frame might be longer than 2^31 − 1 bytes, or the block size is none.
    /// </exception>
    public static int CompressBound(int sourceBytes, Lz4FrameOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(sourceBytes);
        Lz4FrameHeader header = Lz4FrameHeader.From(options, sourceBytes);
        long blocks = ((long)sourceBytes + header.BlockBytesMax - 1) / header.BlockBytesMax;
        long bound = header.HeaderBytes + sourceBytes + (blocks * FrameBlocks.Bound(0))
            + FrameFormat.BlockSizeBytes + FrameFormat.ChecksumBytes;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bound, int.MaxValue, nameof(sourceBytes));
        return (int)bound;
    }

    /// <summary>Compresses the source into one frame.</summary>
    /// <param name="source">The content; may be empty.</param>
    /// <param name="destination">
    /// Where to; with <see cref="CompressBound"/> bytes it always fits. A shorter one is allowed.
    /// </param>
    /// <param name="options">How the frame is written.</param>
    /// <returns>The bytes written; 0 when the frame does not fit into the destination.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The block size or the level in the options is none.</exception>
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination, Lz4FrameOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Lz4FrameHeader header = Lz4FrameHeader.From(options, source.Length);
        HighCompressor high = new(options.Level, ArrayPool<byte>.Shared);
        try
        {
            return Compress(source, destination, header, ref high);
        }
        finally
        {
            high.Return();
        }
    }

    [SkipLocalsInit]
    private static int Compress(
        ReadOnlySpan<byte> source, Span<byte> destination, Lz4FrameHeader header, ref HighCompressor high)
    {
        if (destination.Length < header.HeaderBytes)
            return 0;
        header.Write(destination);
        int written = header.HeaderBytes;
        bool linked = header.LinkedBlocks && source.Length > header.BlockBytesMax;
        Span<byte> table = stackalloc byte[linked && !high.IsActive ? IPositionTable.TableBytes : 0];
        table.Clear();
        for (int at = 0; at < source.Length;)
        {
            int blockBytes = Math.Min(header.BlockBytesMax, source.Length - at);
            int prefixBytes = linked ? Math.Min(at, FrameFormat.WindowBytes) : 0;
            ReadOnlySpan<byte> window = source.Slice(at - prefixBytes, prefixBytes + blockBytes);
            int block = FrameBlocks.Write(
                window, prefixBytes, (uint)at, table, ref high, header.BlockChecksums, destination[written..]);
            if (block == 0)
                return 0;
            written += block;
            at += blockBytes;
        }

        int endBytes = FrameFormat.BlockSizeBytes + (header.ContentChecksum ? FrameFormat.ChecksumBytes : 0);
        if (destination.Length - written < endBytes)
            return 0;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[written..], FrameFormat.EndMark);
        if (header.ContentChecksum)
            BinaryPrimitives.WriteUInt32LittleEndian(destination[(written + 4)..], XxHash32.Compute(source));
        return written + endBytes;
    }

    /// <summary>
    /// Decompresses the first frame of the source. Skippable frames before it are skipped; what follows it is
    /// left (call again from <paramref name="consumed"/> for concatenated frames).
    /// </summary>
    /// <param name="source">At least one whole frame, or only skippable frames; not empty.</param>
    /// <param name="destination">Where to; its length is the limit of what is decoded.</param>
    /// <param name="consumed">The bytes of the source that were read; on failure 0.</param>
    /// <param name="written">The content's length in bytes; on failure 0.</param>
    /// <returns>
    /// Success, or what is wrong with the offset in <paramref name="source"/>. Every checksum that is there
    /// and the content size are checked. Never throws for bad bytes. After a failure the destination holds
    /// anything.
    /// </returns>
    public static Lz4Result TryDecompress(
        ReadOnlySpan<byte> source, Span<byte> destination, out int consumed, out int written)
    {
        int at = 0;
        consumed = 0;
        written = 0;
        if (source.IsEmpty)
            return new Lz4Result(Lz4Error.Truncated, 0, FrameFormat.HeaderBytesMin, 0);
        while (true)
        {
            Lz4Result skip = SkipFrame(source[at..], out int skippedBytes);
            if (!skip.IsOk)
                return skip.Shift(at);
            if (skippedBytes == 0)
                break;
            at += skippedBytes;
        }

        int content = 0;
        if (at < source.Length)
        {
            Lz4Result result = FrameDecompressor.Decompress(source, ref at, destination, out content);
            if (!result.IsOk)
                return result;
        }

        consumed = at;
        written = content;
        return Lz4Result.Ok;
    }

    /// <summary>Decompresses all frames of the source, one after the other, into one content.</summary>
    /// <param name="source">Whole frames and skippable frames, at least one, nothing else.</param>
    /// <param name="destination">Where to; its length is the limit of what is decoded.</param>
    /// <param name="written">The length of all contents together; on failure 0.</param>
    /// <returns>As <see cref="TryDecompress"/>.</returns>
    public static Lz4Result TryDecompressAll(
        ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        int at = 0;
        int total = 0;
        written = 0;
        do
        {
            Lz4Result result = TryDecompress(
                source[at..], destination[total..], out int consumed, out int content);
            if (!result.IsOk)
                return result.Shift(at);
            at += consumed;
            total += content;
        }
        while (at < source.Length);

        written = total;
        return Lz4Result.Ok;
    }

    /// <summary>The whole length of a skippable frame at the start, or 0 if there is none.</summary>
    private static Lz4Result SkipFrame(ReadOnlySpan<byte> source, out int skippedBytes)
    {
        skippedBytes = 0;
        if (source.Length < FrameFormat.MagicBytes)
            return Lz4Result.Ok;
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(source);
        if ((magic & FrameFormat.SkippableMask) != FrameFormat.SkippableMagic)
            return Lz4Result.Ok;
        if (source.Length < 8)
            return new Lz4Result(Lz4Error.Truncated, 4, 4, (ulong)(source.Length - 4));
        uint userBytes = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        if (userBytes > source.Length - 8)
            return new Lz4Result(Lz4Error.Truncated, 8, userBytes, (ulong)(source.Length - 8));
        skippedBytes = 8 + (int)userBytes;
        return Lz4Result.Ok;
    }
}
