using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>
/// An attachment looked through in pieces: however large it is, 1 MiB of it is in memory.
/// </summary>
internal readonly record struct AttachmentCheck(AttachmentHead Head, uint StoredCrc, McapAttachmentIndex Index)
{
    private const int PieceBytes = 1 << 20;
    private const int PeekBytes = 4096;

    /// <summary>Reads and checks the Attachment record at a place; offsets in errors count from the file's start.</summary>
    public static bool TryRead(
        SourceView view, long offset, long bytes, McapLimits limits, out AttachmentCheck attachment, out McapError error)
    {
        attachment = default;
        long contentAt = offset + McapFormat.RecordPrefixBytes;
        long contentBytes = bytes - McapFormat.RecordPrefixBytes;
        if (!TryReadHead(view, contentAt, contentBytes, limits, out AttachmentHead head, out error))
        {
            error = error.In(contentAt);
            return false;
        }

        long end = contentAt + head.HeadBytes + (long)head.DataBytes;
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(view.At(end, 4));
        uint computed = stored == 0 ? 0 : Crc(view, 0, contentAt, end);
        attachment = new AttachmentCheck(head, stored, new McapAttachmentIndex((ulong)offset, (ulong)bytes,
            head.LogTime, head.CreateTime, head.DataBytes, head.Name, head.MediaType));
        return AttachmentHead.TryCheckCrc(stored, computed, end, out error);
    }

    /// <summary>The CRC of a range of a file, after one of what comes before it.</summary>
    public static uint Crc(SourceView view, uint crc, long from, long to)
    {
        for (long at = from; at < to; at += PieceBytes)
            crc = Crc32.Append(crc, view.At(at, (int)Math.Min(PieceBytes, to - at)));
        return crc;
    }

    private static bool TryReadHead(
        SourceView view, long at, long bytes, McapLimits limits, out AttachmentHead head, out McapError error)
    {
        // More than fixed fields and two texts within the limits take.
        long most = Math.Min(Array.MaxLength, (2L * limits.TextBytesMax) + PeekBytes);
        int peek = (int)Math.Min(bytes, PeekBytes);
        return AttachmentHead.TryParse(view.At(at, peek), bytes, limits, out head, out error)
            || (error.Kind == McapErrorKind.LengthMismatch && peek < bytes && AttachmentHead.TryParse(
                view.At(at, (int)Math.Min(bytes, most)), bytes, limits, out head, out error));
    }
}
