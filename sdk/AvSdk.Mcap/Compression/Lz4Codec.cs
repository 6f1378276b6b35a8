namespace AvSdk.Mcap.Compression;

/// <summary>LZ4 frames. Not there yet: chunks are stored plain until it is.</summary>
internal sealed class Lz4Codec : IChunkCodec
{
    public string Name => ChunkCompression.Lz4Name;

    public bool IsAvailable => false;

    public int CompressBound(int sourceBytes) => throw new NotSupportedException();

    public int Compress(ReadOnlySpan<byte> source, Span<byte> destination) => throw new NotSupportedException();

    // A byte of a sequence's length stands for at most 255 bytes.
    public long DecompressBound(int compressedBytes) => (compressedBytes + 4L) * 255;

    public bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination, out McapError error) =>
        throw new NotSupportedException();
}
