namespace AvSdk.Lz4;

/// <summary>How a frame is written. Immutable; a decoder needs none of it, since the frame says it.</summary>
public sealed record Lz4FrameOptions
{
    /// <summary>The defaults: 4 MiB, independent blocks, content checksum and content size.</summary>
    public static Lz4FrameOptions Default { get; } = new();

    /// <summary>
    /// The most uncompressed bytes of a block; default 4 MiB. Where the content's length is known beforehand
    /// and a smaller size holds all of it, the frame names the smaller, so that readers need less memory.
    /// </summary>
    public Lz4BlockSize BlockSize { get; init; } = Lz4BlockSize.Max4MiB;

    /// <summary>
    /// 0, the default: fast. 3 to 12: high compression for archives, each level smaller and slower than the
    /// one before; these mean what the <c>lz4</c> command means by them. Reading is as fast for all.
    /// </summary>
    /// <remarks>
    /// A high level takes 256 KiB from the pool while it works, from 10 on 512 KiB. Any other value is an
    /// <see cref="ArgumentOutOfRangeException"/> where the options are used.
    /// </remarks>
    public int Level { get; init; }

    /// <summary>
    /// Whether blocks may refer to the 64 KiB before them: smaller, but only readable in order. Default
    /// false.
    /// </summary>
    public bool LinkedBlocks { get; init; }

    /// <summary>Whether each block is followed by the xxHash32 of its stored bytes. Default false.</summary>
    public bool BlockChecksums { get; init; }

    /// <summary>Whether the frame ends with the xxHash32 of its content. Default true.</summary>
    public bool ContentChecksum { get; init; } = true;

    /// <summary>
    /// Whether the header holds the content's length, where it is known before the first byte. Default true.
    /// </summary>
    public bool WriteContentSize { get; init; } = true;
}
