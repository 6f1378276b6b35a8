using System.Buffers;
using System.Buffers.Binary;
using AvSdk.Mcap;

namespace AvSdk.Recording.Spool;

/// <summary>
/// A frame of the spool's own files, the journal and ledgers: u32 length and u32 CRC-32 of the content, little endian, then
/// the content, which is not empty. A torn or damaged one is told by it.
/// </summary>
internal static class CheckedFrame
{
    public const int PrefixBytes = 8;

    public static void Write(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, (uint)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix[4..], Crc32.Compute(content));
        output.Write(prefix);
        output.Write(content);
    }

    /// <summary>
    /// The content at the start of <paramref name="input"/>, and the bytes that its frame takes. False: it is torn, damaged, or
    /// longer than <paramref name="contentBytesMax"/>.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> input, int contentBytesMax, out ReadOnlySpan<byte> content, out int bytes)
    {
        content = default;
        bytes = 0;
        if (input.Length < PrefixBytes)
            return false;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(input);
        if (length == 0 || length > contentBytesMax || length > input.Length - PrefixBytes)
            return false;
        ReadOnlySpan<byte> found = input.Slice(PrefixBytes, (int)length);
        if (Crc32.Compute(found) != BinaryPrimitives.ReadUInt32LittleEndian(input[4..]))
            return false;
        content = found;
        bytes = PrefixBytes + (int)length;
        return true;
    }
}
