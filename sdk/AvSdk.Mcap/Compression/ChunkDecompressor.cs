using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace AvSdk.Mcap;

/// <summary>What a chunk announces of its records.</summary>
internal readonly record struct ChunkSizes(long UncompressedBytes, uint UncompressedCrc, string Compression);

/// <summary>
/// From a chunk's records as they stand in the file to plain ones that their CRC vouches for.
/// </summary>
internal static class ChunkDecompressor
{
    /// <summary>
    /// Rents memory of exactly the announced size; offsets in errors count from the compressed records.
    /// </summary>
    public static bool TryDecompress(
        ReadOnlySpan<byte> compressed,
        in ChunkSizes sizes,
        McapLimits limits,
        bool checkCrc,
        [NotNullWhen(true)] out IMemoryOwner<byte>? records,
        out McapError error) => TryDecompress(
            compressed, sizes, ChunkCodecs.Find(sizes.Compression), limits, checkCrc, out records, out error);

    /// <summary>The same with a codec at choice; null for plain and for a compression not known.</summary>
    public static bool TryDecompress(
        ReadOnlySpan<byte> compressed,
        in ChunkSizes sizes,
        IChunkCodec? codec,
        McapLimits limits,
        bool checkCrc,
        [NotNullWhen(true)] out IMemoryOwner<byte>? records,
        out McapError error,
        ArrayPool<byte>? pool = null)
    {
        records = null;
        if (!TryCheckSizes(compressed.Length, sizes, limits, codec, out error))
            return false;
        PooledBytes plain = new((int)sizes.UncompressedBytes, pool);
        Span<byte> destination = plain.Memory.Span;
        bool decompressed = true;
        if (codec is null)
            compressed.CopyTo(destination);
        else if (compressed.Length + destination.Length > 0)
            decompressed = codec.TryDecompress(compressed, destination, out error);
        if (decompressed && (!checkCrc || TryCheckCrc(destination, sizes.UncompressedCrc, out error)))
        {
            records = plain;
            return true;
        }

        plain.Dispose();
        return false;
    }

    /// <summary>Checks plain bytes against a chunk's CRC; 0: not available.</summary>
    public static bool TryCheckCrc(ReadOnlySpan<byte> records, uint crc, out McapError error)
    {
        error = default;
        if (crc == 0)
            return true;
        uint computed = Crc32.Compute(records);
        if (computed == crc)
            return true;
        error = new McapError(
            McapErrorKind.CrcMismatch, 0, $"chunk records with CRC-32 {crc:x8}", $"{computed:x8}");
        return false;
    }

    private static bool TryCheckSizes(
        int compressedBytes, in ChunkSizes sizes, McapLimits limits, IChunkCodec? codec, out McapError error)
    {
        error = default;
        if (codec is null && sizes.Compression.Length > 0)
        {
            error = new McapError(
                McapErrorKind.UnknownCompression, 0, "lz4, zstd or none", $"\"{sizes.Compression}\"");
        }
        else if (codec is { IsAvailable: false })
        {
            error =
                new McapError(McapErrorKind.CompressionUnavailable, 0, $"a library for {codec.Name}", "none");
        }
        else if (sizes.UncompressedBytes > Math.Min(limits.ChunkBytesMax, Array.MaxLength))
        {
            error = new McapError(McapErrorKind.LengthOverLimit, 0,
                $"at most {limits.ChunkBytesMax} bytes after decompression", $"{sizes.UncompressedBytes}");
        }
        else if (sizes.UncompressedBytes > (codec?.DecompressBound(compressedBytes) ?? compressedBytes))
        {
            error = new McapError(McapErrorKind.LengthMismatch, 0,
                $"no more than {compressedBytes} bytes can decompress to",
                $"{sizes.UncompressedBytes} announced");
        }

        return !error.IsError;
    }
}
