using System.Buffers.Binary;

namespace AvSdk.Lz4;

/// <summary>What the header of a frame says.</summary>
/// <param name="BlockSize">The most uncompressed bytes of a block, as the format's code.</param>
/// <param name="LinkedBlocks">Whether a block may refer to the 64 KiB before it.</param>
/// <param name="BlockChecksums">Whether each block is followed by its checksum.</param>
/// <param name="ContentChecksum">Whether the frame ends with the checksum of its content.</param>
/// <param name="ContentSize">
/// The content's length in bytes, if the header has it. From the wire: check it against a limit before
/// allocating.
/// </param>
/// <param name="HeaderBytes">The header's own length with the magic, 7 to 15 bytes.</param>
public readonly record struct Lz4FrameHeader(
    Lz4BlockSize BlockSize, bool LinkedBlocks, bool BlockChecksums, bool ContentChecksum, ulong? ContentSize,
    int HeaderBytes)
{
    /// <summary>The most uncompressed bytes of a block: 65,536 to 4,194,304.</summary>
    public int BlockBytesMax => FrameFormat.BlockBytesMax(BlockSize);

    /// <summary>Reads the header of an LZ4 frame at the start of the input.</summary>
    /// <param name="source">A frame's first bytes; 19 are always enough.</param>
    /// <param name="header">What it says; undefined unless the call succeeds.</param>
    /// <returns>
    /// Success; <see cref="Lz4Error.Truncated"/> when there are too few bytes, with the number that is
    /// needed; or what is wrong. A skippable frame is <see cref="Lz4Error.BadMagic"/>.
    /// </returns>
    public static Lz4Result TryRead(ReadOnlySpan<byte> source, out Lz4FrameHeader header)
    {
        header = default;
        if (source.Length < FrameFormat.MagicBytes)
            return Short(FrameFormat.HeaderBytesMin, source);
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(source);
        if (magic == FrameFormat.LegacyMagic)
            return new Lz4Result(Lz4Error.LegacyFrame, 0, FrameFormat.Magic, magic);
        if (magic != FrameFormat.Magic)
            return new Lz4Result(Lz4Error.BadMagic, 0, FrameFormat.Magic, magic);
        if (source.Length < FrameFormat.HeaderBytesMin)
            return Short(FrameFormat.HeaderBytesMin, source);

        byte flags = source[4];
        byte descriptor = source[5];
        Lz4Result result = CheckFlags(flags, descriptor);
        if (!result.IsOk)
            return result;
        bool hasSize = (flags & FrameFormat.ContentSizeBit) != 0;
        bool hasDictionary = (flags & FrameFormat.DictionaryBit) != 0;
        int headerBytes = FrameFormat.HeaderBytesMin + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0);
        if (source.Length < headerBytes)
            return Short(headerBytes, source);

        byte expected = Checksum(source[FrameFormat.MagicBytes..(headerBytes - 1)]);
        byte found = source[headerBytes - 1];
        if (expected != found)
            return new Lz4Result(Lz4Error.HeaderChecksumMismatch, headerBytes - 1, expected, found);
        if (hasDictionary)
        {
            uint id = BinaryPrimitives.ReadUInt32LittleEndian(source[(headerBytes - 5)..]);
            return new Lz4Result(Lz4Error.DictionaryRequired, headerBytes - 5, 0, id);
        }

        header = new Lz4FrameHeader(
            (Lz4BlockSize)((descriptor >> 4) & 7),
            (flags & FrameFormat.IndependentBit) == 0,
            (flags & FrameFormat.BlockChecksumBit) != 0,
            (flags & FrameFormat.ContentChecksumBit) != 0,
            hasSize ? BinaryPrimitives.ReadUInt64LittleEndian(source[6..]) : null,
            headerBytes);
        return Lz4Result.Ok;
    }

    internal static Lz4FrameHeader From(Lz4FrameOptions options, long? contentBytes)
    {
        Lz4BlockSize size = FrameFormat.Checked(options.BlockSize);
        _ = CompressionLevel.Checked(options.Level);
        bool writesSize = options.WriteContentSize && contentBytes is not null;
        return new Lz4FrameHeader(
            contentBytes is { } known ? FrameFormat.Fitting(size, known) : size,
            options.LinkedBlocks, options.BlockChecksums, options.ContentChecksum,
            writesSize ? (ulong)contentBytes!.Value : null,
            FrameFormat.HeaderBytesMin + (writesSize ? 8 : 0));
    }

    /// <summary>Writes <see cref="HeaderBytes"/> bytes.</summary>
    internal void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, FrameFormat.Magic);
        destination[4] = (byte)((FrameFormat.Version << 6)
            | (LinkedBlocks ? 0 : FrameFormat.IndependentBit)
            | (BlockChecksums ? FrameFormat.BlockChecksumBit : 0)
            | (ContentSize is not null ? FrameFormat.ContentSizeBit : 0)
            | (ContentChecksum ? FrameFormat.ContentChecksumBit : 0));
        destination[5] = (byte)((int)BlockSize << 4);
        if (ContentSize is { } size)
            BinaryPrimitives.WriteUInt64LittleEndian(destination[6..], size);
        destination[HeaderBytes - 1] = Checksum(destination[FrameFormat.MagicBytes..(HeaderBytes - 1)]);
    }

    private static Lz4Result CheckFlags(byte flags, byte descriptor)
    {
        if (flags >> 6 != FrameFormat.Version)
            return new Lz4Result(Lz4Error.UnsupportedVersion, 4, FrameFormat.Version, (ulong)(flags >> 6));
        if ((flags & FrameFormat.ReservedFlagBit) != 0)
        {
            ulong expected = (ulong)(flags & ~FrameFormat.ReservedFlagBit);
            return new Lz4Result(Lz4Error.ReservedBit, 4, expected, flags);
        }

        if ((descriptor & FrameFormat.ReservedDescriptorBits) != 0)
        {
            ulong expected = (ulong)(descriptor & ~FrameFormat.ReservedDescriptorBits);
            return new Lz4Result(Lz4Error.ReservedBit, 5, expected, descriptor);
        }

        int code = descriptor >> 4;
        return code < (int)Lz4BlockSize.Max64KiB
            ? new Lz4Result(Lz4Error.BadBlockSizeCode, 5, (ulong)Lz4BlockSize.Max64KiB, (ulong)code)
            : Lz4Result.Ok;
    }

    private static byte Checksum(ReadOnlySpan<byte> descriptor) => (byte)(XxHash32.Compute(descriptor) >> 8);

    private static Lz4Result Short(int needed, ReadOnlySpan<byte> source) =>
        new(Lz4Error.Truncated, 0, (ulong)needed, (ulong)source.Length);
}
