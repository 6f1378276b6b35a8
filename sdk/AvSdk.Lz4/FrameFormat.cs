namespace AvSdk.Lz4;

/// <summary>The numbers of the LZ4 frame format.</summary>
/// <remarks>
/// <code>
/// | magic 4 | FLG 1 | BD 1 | content size 0/8 | dictionary id 0/4 | header checksum 1 |
/// | block size 4 | data | block checksum 0/4 |  … | end mark 4 | content checksum 0/4 |
/// FLG, from bit 7: 2 bits version (01) | independent | block checksum | content size | content checksum
///                  | zero | dictionary id
/// BD, from bit 7:  zero | 3 bits block size code | 4 bits zero
/// </code>
/// Everything is little-endian. Source: LZ4 Frame Format Description 1.6.4.
/// </remarks>
internal static class FrameFormat
{
    public const uint Magic = 0x184D2204;
    public const uint LegacyMagic = 0x184C2102;
    public const uint SkippableMagic = 0x184D2A50;
    public const uint SkippableMask = 0xFFFFFFF0;

    public const int MagicBytes = 4;
    public const int HeaderBytesMin = 7;
    public const int HeaderBytesMax = 19;
    public const int BlockSizeBytes = 4;
    public const int ChecksumBytes = 4;
    public const int WindowBytes = 64 * 1024;

    public const uint UncompressedBit = 0x80000000;
    public const uint EndMark = 0;

    public const byte Version = 1;
    public const byte IndependentBit = 0x20;
    public const byte BlockChecksumBit = 0x10;
    public const byte ContentSizeBit = 0x08;
    public const byte ContentChecksumBit = 0x04;
    public const byte ReservedFlagBit = 0x02;
    public const byte DictionaryBit = 0x01;
    public const byte ReservedDescriptorBits = 0x8F;

    /// <summary>
    /// The most bytes of a block: 64 KiB for code 4, four times as many for each code above.
    /// </summary>
    public static int BlockBytesMax(Lz4BlockSize size) => 1 << (8 + (2 * (int)size));

    public static Lz4BlockSize Checked(Lz4BlockSize size) =>
        size is >= Lz4BlockSize.Max64KiB and <= Lz4BlockSize.Max4MiB
            ? size
            : throw new ArgumentOutOfRangeException(nameof(size), size, "Not a block size of the format.");

    /// <summary>The smallest size, up to the given one, that holds the whole content in one block.</summary>
    public static Lz4BlockSize Fitting(Lz4BlockSize size, long contentBytes)
    {
        for (Lz4BlockSize smaller = Lz4BlockSize.Max64KiB; smaller < size; smaller++)
        {
            if (contentBytes <= BlockBytesMax(smaller))
                return smaller;
        }

        return size;
    }
}
