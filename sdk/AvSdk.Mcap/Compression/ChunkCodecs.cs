namespace AvSdk.Mcap;

/// <summary>The codecs by the word that stands in the file.</summary>
internal static class ChunkCodecs
{
    private static readonly Lz4Codec Lz4 = new();
    private static readonly ZstdCodec Zstd = new();

    /// <summary>Null for plain and for what is not known.</summary>
    public static IChunkCodec? Find(string name) => name switch
    {
        ChunkCompression.Lz4Name => Lz4,
        ChunkCompression.ZstdName => Zstd,
        _ => null,
    };
}
