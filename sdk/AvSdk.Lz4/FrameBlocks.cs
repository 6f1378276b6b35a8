using System.Buffers.Binary;

namespace AvSdk.Lz4;

/// <summary>Blocks of a frame, with their size and checksum fields.</summary>
internal static class FrameBlocks
{
    /// <summary>
    /// The bytes a block takes at most, with its fields: the data is stored if it does not shrink.
    /// </summary>
    public static int Bound(int contentBytes) =>
        FrameFormat.BlockSizeBytes + contentBytes + FrameFormat.ChecksumBytes;

    /// <summary>
    /// Writes size, data and checksum of a block to a destination of at least <see cref="Bound"/> bytes, or
    /// of fewer, and then returns 0 if they do not suffice.
    /// </summary>
    /// <param name="window">Earlier content (linked blocks), then the block's.</param>
    /// <param name="prefixBytes">How much of the window is earlier content.</param>
    /// <param name="firstPosition">See <see cref="BlockCompressor.CompressLinked"/>.</param>
    /// <param name="table">The position table of linked blocks; empty for independent ones.</param>
    /// <param name="high">Active at high levels; then position and table are not used.</param>
    /// <param name="checksum">Whether the checksum follows.</param>
    /// <param name="destination">Where to.</param>
    public static int Write(
        ReadOnlySpan<byte> window, int prefixBytes, uint firstPosition, Span<byte> table,
        ref HighCompressor high, bool checksum, Span<byte> destination)
    {
        int trailerBytes = checksum ? FrameFormat.ChecksumBytes : 0;
        ReadOnlySpan<byte> content = window[prefixBytes..];
        if (destination.Length < FrameFormat.BlockSizeBytes + trailerBytes)
            return 0;
        Span<byte> data = destination[FrameFormat.BlockSizeBytes..^trailerBytes];
        Span<byte> room = data[..Math.Min(data.Length, content.Length - 1)];
        int dataBytes = high.IsActive ? high.Compress(window, prefixBytes, room)
            : table.IsEmpty ? BlockCompressor.Compress(content, room)
            : BlockCompressor.CompressLinked(window, prefixBytes, firstPosition, room, table);
        uint sizeField = (uint)dataBytes;
        if (dataBytes == 0)
        {
            if (data.Length < content.Length)
                return 0;
            content.CopyTo(data);
            dataBytes = content.Length;
            sizeField = (uint)dataBytes | FrameFormat.UncompressedBit;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination, sizeField);
        if (checksum)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                destination[(FrameFormat.BlockSizeBytes + dataBytes)..], XxHash32.Compute(data[..dataBytes]));
        }

        return FrameFormat.BlockSizeBytes + dataBytes + trailerBytes;
    }

    /// <summary>
    /// Checks a block's data against its checksum field. Offsets count from the data's first byte.
    /// </summary>
    public static Lz4Result Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> field)
    {
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(field);
        uint found = XxHash32.Compute(data);
        return expected == found
            ? Lz4Result.Ok
            : new Lz4Result(Lz4Error.BlockChecksumMismatch, data.Length, expected, found);
    }
}
