
namespace AvSdk.Mcap;

/// <summary>How a chunk's records are compressed (MCAP registry, "Well-known compression formats").</summary>
public sealed record ChunkCompression
{
    internal const string Lz4Name = "lz4";
    internal const string ZstdName = "zstd";

    private ChunkCompression(string name) => Name = name;

    /// <summary>Stored as they are.</summary>
    public static ChunkCompression None { get; } = new("");

    /// <summary>LZ4 frames.</summary>
    public static ChunkCompression Lz4 { get; } = new(Lz4Name);

    /// <summary>
    /// Zstandard frames, through the system's <c>libzstd.so.1</c>; see <see cref="IsAvailable"/>.
    /// </summary>
    public static ChunkCompression Zstd { get; } = new(ZstdName);

    /// <summary>The word that stands in the file; empty for plain.</summary>
    public string Name { get; }

    /// <summary>
    /// A chunk is stored plain when compression would leave more than this share of its bytes; default 0.97.
    /// At 1 or more whatever the codec gives is kept.
    /// </summary>
    public double PlainAbove { get; init; } = 0.97;

    /// <summary>
    /// Whether this machine can read and write it; only Zstandard's library may be missing.
    /// </summary>
    public bool IsAvailable => this.Name.Length == 0 || ChunkCodecs.Find(Name)?.IsAvailable == true;
}
