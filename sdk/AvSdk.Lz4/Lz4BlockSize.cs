namespace AvSdk.Lz4;

/// <summary>The block maximum sizes of the LZ4 frame format; the values are the format's codes.</summary>
public enum Lz4BlockSize
{
    /// <summary>65,536 bytes.</summary>
    Max64KiB = 4,

    /// <summary>262,144 bytes.</summary>
    Max256KiB = 5,

    /// <summary>1,048,576 bytes.</summary>
    Max1MiB = 6,

    /// <summary>4,194,304 bytes.</summary>
    Max4MiB = 7,
}
