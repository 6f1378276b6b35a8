using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace AvSdk.Mcap;

/// <summary>
/// The plain records of a chunk that its CRC vouches for, or that has none. Where its own header lies about size or
/// compression, the chunk index is asked: the CRC then says whether that is the truth.
/// </summary>
internal sealed class OpenedChunk : IDisposable
{
    private readonly IMemoryOwner<byte> _plain;

    private OpenedChunk(IMemoryOwner<byte> plain) => _plain = plain;

    public ReadOnlySpan<byte> Plain => _plain.Memory.Span;

    public required ulong StartTime { get; init; }

    public required ulong EndTime { get; init; }

    public required uint Crc { get; init; }

    public required string Compression { get; init; }

    /// <summary>Where in the content its compressed records are.</summary>
    public required Range Records { get; init; }

    /// <summary>Whether size and compression were taken from the index.</summary>
    public required bool IsByIndex { get; init; }

    public static bool Vouches(in McapChunkView chunk, McapLimits limits)
    {
        ChunkSizes sizes = new((long)chunk.UncompressedSize, chunk.UncompressedCrc, chunk.Compression);
        if (chunk.UncompressedCrc == 0
            || !ChunkDecompressor.TryDecompress(chunk.Records, sizes, limits, true, out IMemoryOwner<byte>? plain, out _))
        {
            return false;
        }

        plain.Dispose();
        return true;
    }

    /// <summary>Opens a chunk; offsets in errors count from the start of <paramref name="content"/>.</summary>
    /// <exception cref="McapException">This machine lacks the library for its compression.</exception>
    public static bool TryOpen(
        ReadOnlySpan<byte> content,
        McapChunkIndex? index,
        McapLimits limits,
        [NotNullWhen(true)] out OpenedChunk? chunk,
        out McapError error)
    {
        chunk = null;
        FieldReader fields = new(content, limits);
        ulong start = fields.ReadUInt64("message_start_time");
        ulong end = fields.ReadUInt64("message_end_time");
        ulong size = fields.ReadUInt64("uncompressed_size");
        uint crc = fields.ReadUInt32("uncompressed_crc");
        string compression = fields.ReadText("compression");
        ReadOnlySpan<byte> records = fields.ReadBytes64("records");
        if (!fields.Finish(out error) && error.Kind != McapErrorKind.InvalidText)
            return false;
        if (!error.IsError && crc == 0 && index is not null
            && (index.UncompressedSize != size || index.CompressedSize != (ulong)records.Length))
        {
            error = new McapError(McapErrorKind.IndexMismatch, 16,
                $"{index.UncompressedSize} bytes of records, {index.CompressedSize} compressed, as the chunk's index says",
                $"{size} and {records.Length}, and no CRC");
        }

        bool isGood = !error.IsError
            & TryDecompress(records, size, crc, compression, limits, out IMemoryOwner<byte>? plain, ref error);
        bool isByIndex = false;
        if (!isGood && crc != 0 && index is not null
            && index.CompressedSize <= (ulong)content.Length
            && TryFindRecords(content, index, limits, ref records))
        {
            McapError other = default;
            isByIndex = TryDecompress(
                records, index.UncompressedSize, crc, index.Compression, limits, out plain, ref other);
            compression = index.Compression;
        }

        if (plain is null)
        {
            error = error.In(content.Overlaps(records, out int at) && error.Offset == 0 ? at : 0);
            return false;
        }

        content.Overlaps(records, out int recordsAt);
        error = default;
        chunk = new OpenedChunk(plain)
        {
            StartTime = start,
            EndTime = end,
            Crc = crc,
            Compression = compression,
            Records = records.IsEmpty ? default : recordsAt..(recordsAt + records.Length),
            IsByIndex = isByIndex,
        };
        return true;
    }

    public void Dispose() => _plain.Dispose();

    // The compressed bytes are the last field, whatever became of the ones before it.
    private static bool TryFindRecords(
        ReadOnlySpan<byte> content, McapChunkIndex index, McapLimits limits, ref ReadOnlySpan<byte> records)
    {
        if (index.CompressedSize > (ulong)Math.Min(content.Length, limits.RecordBytesMax))
            return false;
        int bytes = (int)index.CompressedSize;
        if (records.Length != bytes)
            records = content[^bytes..];
        return true;
    }

    private static bool TryDecompress(
        ReadOnlySpan<byte> records,
        ulong size,
        uint crc,
        string compression,
        McapLimits limits,
        out IMemoryOwner<byte>? plain,
        ref McapError error)
    {
        plain = null;
        if (error.IsError)
            return false;
        if (size > (ulong)limits.ChunkBytesMax)
        {
            error = new McapError(McapErrorKind.LengthOverLimit, 16,
                $"an uncompressed_size of at most {limits.ChunkBytesMax} bytes", $"{size}");
            return false;
        }

        if (compression.Length == 0 && size != (ulong)records.Length)
        {
            error = new McapError(McapErrorKind.LengthMismatch, 16,
                $"an uncompressed_size of {records.Length}, the bytes of the plain records", $"{size}");
            return false;
        }

        ChunkSizes sizes = new((long)size, crc, compression);
        if (ChunkDecompressor.TryDecompress(records, sizes, limits, true, out plain, out error))
            return true;
        if (error.Kind == McapErrorKind.CompressionUnavailable)
            throw new McapException(error);
        return false;
    }
}
