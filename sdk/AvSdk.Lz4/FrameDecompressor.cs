using System.Buffers.Binary;

namespace AvSdk.Lz4;

/// <summary>
/// Decodes one frame from memory to memory; linked blocks find their history in the destination.
/// </summary>
internal static class FrameDecompressor
{
    public static Lz4Result Decompress(
        ReadOnlySpan<byte> source, ref int at, Span<byte> destination, out int written)
    {
        written = 0;
        Lz4Result result = Lz4FrameHeader.TryRead(source[at..], out Lz4FrameHeader header);
        if (!result.IsOk)
            return result.Shift(at);
        if (header.ContentSize is { } size && size > (ulong)destination.Length)
            return new Lz4Result(Lz4Error.DestinationTooSmall, at + 6, size, (ulong)destination.Length);
        int sizeOffset = at + 6;
        at += header.HeaderBytes;

        while (true)
        {
            if (source.Length - at < FrameFormat.BlockSizeBytes)
                return Truncated(at, FrameFormat.BlockSizeBytes, source);
            uint sizeField = BinaryPrimitives.ReadUInt32LittleEndian(source[at..]);
            at += FrameFormat.BlockSizeBytes;
            if (sizeField == FrameFormat.EndMark)
                break;
            result = ReadBlock(source, ref at, sizeField, in header, destination, ref written);
            if (!result.IsOk)
                return result;
        }

        if (header.ContentSize is { } expectedBytes && expectedBytes != (ulong)written)
            return new Lz4Result(Lz4Error.ContentSizeMismatch, sizeOffset, expectedBytes, (ulong)written);
        return header.ContentChecksum ? ReadChecksum(source, ref at, destination[..written]) : Lz4Result.Ok;
    }

    private static Lz4Result ReadBlock(
        ReadOnlySpan<byte> source, ref int at, uint sizeField, in Lz4FrameHeader header,
        Span<byte> destination, ref int written)
    {
        uint dataBytes = sizeField & ~FrameFormat.UncompressedBit;
        if (dataBytes > (uint)header.BlockBytesMax)
        {
            return new Lz4Result(
                Lz4Error.BlockTooLarge, at - FrameFormat.BlockSizeBytes, (ulong)header.BlockBytesMax,
                dataBytes);
        }

        int checksumBytes = header.BlockChecksums ? FrameFormat.ChecksumBytes : 0;
        if (source.Length - at < dataBytes + checksumBytes)
            return Truncated(at, dataBytes + checksumBytes, source);
        ReadOnlySpan<byte> data = source.Slice(at, (int)dataBytes);
        if (header.BlockChecksums)
        {
            Lz4Result verified = FrameBlocks.Verify(data, source[(at + data.Length)..]);
            if (!verified.IsOk)
                return verified.Shift(at);
        }

        int contentBytes;
        if (sizeField != dataBytes)
        {
            if (data.Length > destination.Length - written)
                return TooSmall(at, written, data.Length, destination);
            data.CopyTo(destination[written..]);
            contentBytes = data.Length;
        }
        else
        {
            Lz4Result result = DecompressBlock(data, in header, destination, written, out contentBytes);
            if (!result.IsOk)
                return result.Shift(at);
        }

        written += contentBytes;
        at += data.Length + checksumBytes;
        return Lz4Result.Ok;
    }

    private static Lz4Result DecompressBlock(
        ReadOnlySpan<byte> data, in Lz4FrameHeader header, Span<byte> destination, int written,
        out int contentBytes)
    {
        int prefixBytes = header.LinkedBlocks ? Math.Min(written, FrameFormat.WindowBytes) : 0;
        int room = Math.Min(header.BlockBytesMax, destination.Length - written);
        Lz4Result result = BlockDecompressor.Decompress(
            data, destination.Slice(written - prefixBytes, prefixBytes + room), prefixBytes, default,
            out contentBytes);
        if (result.Error != Lz4Error.DestinationTooSmall)
            return result;
        return room == header.BlockBytesMax
            ? result with { Error = Lz4Error.BlockTooLarge, Expected = (ulong)room, Found = result.Expected }
            : TooSmall((int)result.Offset, written, (long)result.Expected, destination);
    }

    private static Lz4Result ReadChecksum(ReadOnlySpan<byte> source, ref int at, ReadOnlySpan<byte> content)
    {
        if (source.Length - at < FrameFormat.ChecksumBytes)
            return Truncated(at, FrameFormat.ChecksumBytes, source);
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(source[at..]);
        uint found = XxHash32.Compute(content);
        if (expected != found)
            return new Lz4Result(Lz4Error.ContentChecksumMismatch, at, expected, found);
        at += FrameFormat.ChecksumBytes;
        return Lz4Result.Ok;
    }

    private static Lz4Result TooSmall(int offset, int written, long more, ReadOnlySpan<byte> destination) =>
        new(Lz4Error.DestinationTooSmall, offset, (ulong)(written + more), (ulong)destination.Length);

    private static Lz4Result Truncated(int at, long neededBytes, ReadOnlySpan<byte> source) =>
        new(Lz4Error.Truncated, at, (ulong)neededBytes, (ulong)(source.Length - at));
}
