using AvSdk.Lz4;

namespace AvSdk.Mcap;

/// <summary>LZ4 frames, which is what "lz4" means in MCAP.</summary>
internal sealed class Lz4Codec : IChunkCodec
{
    // The chunk has a CRC of its own over the same bytes, so the frame needs no checksum.
    private static readonly Lz4FrameOptions Options =
        Lz4FrameOptions.Default with { ContentChecksum = false };

    private static readonly Lz4FrameOptions[] ByLevel =
        [.. Enumerable.Range(0, ChunkCompression.Lz4LevelMax + 1).Select(level => Options with { Level = level })];

    public string Name => ChunkCompression.Lz4Name;

    public bool IsAvailable => true;

    public int CompressBound(int sourceBytes) => Lz4Frame.CompressBound(sourceBytes, Options);

    public int Compress(ReadOnlySpan<byte> source, Span<byte> destination, int level)
    {
        int written = Lz4Frame.Compress(source, destination, ByLevel[level]);
        return written > 0
            ? written
            : throw new InvalidOperationException("LZ4 needed more than its own bound.");
    }

    // A byte of a sequence's length stands for at most 255 bytes.
    public long DecompressBound(int compressedBytes) => (compressedBytes + 4L) * 255;

    public bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination, out McapError error)
    {
        Lz4Result result = Lz4Frame.TryDecompressAll(source, destination, out int written);
        if (!result.IsOk)
        {
            error = new McapError(
                McapErrorKind.DecompressionFailed, result.Offset, "LZ4 frames", $"\"{result.Message}\"");
            return false;
        }

        if (written != destination.Length)
        {
            error = new McapError(McapErrorKind.DecompressionFailed, 0,
                $"{destination.Length} bytes after decompression", $"{written}");
            return false;
        }

        error = default;
        return true;
    }
}
