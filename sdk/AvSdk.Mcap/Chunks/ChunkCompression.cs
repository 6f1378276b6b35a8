namespace AvSdk.Mcap;

/// <summary>How a chunk's records are compressed (MCAP registry, "Well-known compression formats").</summary>
public sealed record ChunkCompression
{
    internal const string Lz4Name = "lz4";
    internal const string ZstdName = "zstd";
    internal const int Lz4LevelMax = 12;
    private const int ZstdLevelMax = 22;

    private readonly int _level;

    private ChunkCompression(string name) => Name = name;

    /// <summary>Stored as they are.</summary>
    public static ChunkCompression None { get; } = new("");

    /// <summary>LZ4 frames, the fast compressor; <c>with { Level = 9 }</c> for archives.</summary>
    public static ChunkCompression Lz4 { get; } = new(Lz4Name);

    /// <summary>
    /// Zstandard frames at level 3, through the system's <c>libzstd.so.1</c>; see <see cref="IsAvailable"/>.
    /// </summary>
    public static ChunkCompression Zstd { get; } = new(ZstdName) { Level = 3 };

    /// <summary>The word that stands in the file; empty for plain.</summary>
    public string Name { get; }

    /// <summary>
    /// How hard the codec tries; readers need not know. LZ4: 0 to 12 as the <c>lz4</c> command, default 0
    /// (fast), from 3 on high compression, many times slower. Zstandard: 1 to 22, default 3.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The format has no such level.</exception>
    public int Level
    {
        get => _level;
        init
        {
            (int min, int max) = Name switch
            {
                Lz4Name => (0, Lz4LevelMax),
                ZstdName => (1, ZstdLevelMax),
                _ => (0, 0),
            };
            ArgumentOutOfRangeException.ThrowIfLessThan(value, min, nameof(Level));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, nameof(Level));
            _level = value;
        }
    }

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
