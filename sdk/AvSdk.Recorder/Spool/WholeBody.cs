using System.Buffers;
using System.Buffers.Binary;
using AvSdk.Mcap;

namespace AvSdk.Recording.Spool;

/// <summary>
/// Finds out whether bytes of a broken file are a chunk as it was written, by nothing but the body's own CRC
/// and indexes: what such a body belongs to may be lost, but it was not left unfinished by a kill.
/// </summary>
internal static class WholeBody
{
    private const int WindowBytes = 256 << 10;

    private const int PrefixBytes = 9;

    // "The MCAP File Format", "Chunk": two times, size, CRC, length of the compression's name.
    private const int FixedBytes = 8 + 8 + 8 + 4 + 4;

    // With the longest name of a compression, and the length of the records.
    private const int HeadBytes = PrefixBytes + FixedBytes + 4 + 8;

    private const byte ChunkOpcode = 0x06;
    private const byte IndexOpcode = 0x07;

    /// <summary>Whether one lies at or after <paramref name="from"/>, whatever the framing says.</summary>
    public static bool IsAnyAfter(ISpoolFile file, long from)
    {
        byte[] window = ArrayPool<byte>.Shared.Rent(WindowBytes);
        try
        {
            for (long at = from; ;)
            {
                int read = file.Read(at, window.AsSpan(0, WindowBytes));
                ReadOnlySpan<byte> bytes = window.AsSpan(0, read);
                for (int start = 0, hit; (hit = bytes[start..].IndexOf(ChunkOpcode)) >= 0; start += hit + 1)
                {
                    ReadOnlySpan<byte> head = bytes[(start + hit)..];
                    if (IsHead(head, file.LengthBytes - at - start - hit, out long recordBytes)
                        && IsWhole(file, at + start + hit, BodyBytes(file, at + start + hit, recordBytes)))
                    {
                        return true;
                    }
                }

                if (read < WindowBytes)
                    return false;
                // A head that the window cut is looked at again.
                at += WindowBytes - HeadBytes + 1;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    /// <summary>Whether these bytes are one: its CRC is right and no message lacks in its indexes.</summary>
    public static bool IsWhole(ISpoolFile file, long offset, long bytes)
    {
        if (bytes > Array.MaxLength)
            return false;
        byte[] body = new byte[bytes];
        McapLimits limits = SegmentWriter.Options.Limits;
        if (file.Read(offset, body) < body.Length
            || !ChunkBody.TryParse(body, limits, out ChunkBodyInfo info, out _)
            || !ChunkBody.TryDecompress(body, info, limits, out IMemoryOwner<byte>? records, out _))
        {
            return false;
        }

        using (records)
        {
            try
            {
                long messages = 0;
                foreach (McapMessageView _ in ChunkBody.Messages(records.Memory.Span))
                    messages++;
                return messages > 0 && messages == info.MessageCount;
            }
            catch (McapException)
            {
                return false;
            }
        }
    }

    // Lengths that agree with each other are rare among other bytes: little is read and hashed in vain.
    private static bool IsHead(ReadOnlySpan<byte> head, long restBytes, out long recordBytes)
    {
        recordBytes = 0;
        if (head.Length < PrefixBytes + FixedBytes)
            return false;
        ulong content = BinaryPrimitives.ReadUInt64LittleEndian(head[1..]);
        uint nameBytes = BinaryPrimitives.ReadUInt32LittleEndian(head[(PrefixBytes + FixedBytes - 4)..]);
        if (content > (ulong)restBytes || nameBytes > 4)
            return false;
        int recordsAt = PrefixBytes + FixedBytes + (int)nameBytes;
        if (head.Length < recordsAt + 8)
            return false;
        ulong records = BinaryPrimitives.ReadUInt64LittleEndian(head[recordsAt..]);
        recordBytes = PrefixBytes + (long)content;
        return recordBytes <= restBytes && recordsAt + 8 + (long)records == recordBytes;
    }

    private static long BodyBytes(ISpoolFile file, long offset, long recordBytes)
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        long end = offset + recordBytes;
        while (file.Read(end, prefix) == PrefixBytes && prefix[0] == IndexOpcode)
        {
            ulong content = BinaryPrimitives.ReadUInt64LittleEndian(prefix[1..]);
            if (content > (ulong)(file.LengthBytes - end - PrefixBytes))
                break;
            end += PrefixBytes + (long)content;
        }

        return end - offset;
    }
}
