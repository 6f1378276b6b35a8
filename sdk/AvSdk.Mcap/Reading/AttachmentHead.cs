namespace AvSdk.Mcap;

/// <summary>The fields of an Attachment record's content before its data.</summary>
internal readonly record struct AttachmentHead(
    ulong LogTime, ulong CreateTime, string Name, string MediaType, ulong DataBytes, int HeadBytes)
{
    /// <summary>
    /// Reads them from the beginning of a content. False with <see cref="McapErrorKind.LengthMismatch"/> also when
    /// <paramref name="start"/> does not hold all of them.
    /// </summary>
    /// <param name="start">The content, or its beginning.</param>
    /// <param name="contentBytes">Bytes of the content; data and CRC must fit.</param>
    /// <param name="limits">For the texts.</param>
    /// <param name="head">The fields.</param>
    /// <param name="error">Offsets count from the start of the content.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> start, long contentBytes, McapLimits limits, out AttachmentHead head, out McapError error)
    {
        FieldReader fields = new(start, limits);
        ulong logTime = fields.ReadUInt64("log_time");
        ulong createTime = fields.ReadUInt64("create_time");
        string name = fields.ReadText("name");
        string mediaType = fields.ReadText("media_type");
        ulong dataBytes = fields.ReadUInt64("data");
        long room = contentBytes - fields.At - 4;
        if (room < 0 || dataBytes > (ulong)room)
        {
            fields.Fail(McapErrorKind.LengthMismatch, fields.At - 8,
                $"at most {Math.Max(0, room)} bytes of data, and a CRC", $"a length of {dataBytes}");
        }

        head = new AttachmentHead(logTime, createTime, name, mediaType, dataBytes, fields.At);
        return fields.Finish(out error);
    }

    /// <summary>Checks the CRC of a whole content; 0: not available.</summary>
    public static bool TryCheckCrc(ReadOnlySpan<byte> content, McapLimits limits, out McapError error)
    {
        if (!TryParse(content, content.Length, limits, out AttachmentHead head, out error))
            return false;
        int checkedBytes = head.HeadBytes + (int)head.DataBytes;
        uint crc = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(content[checkedBytes..]);
        return TryCheckCrc(crc, crc == 0 ? 0 : Crc32.Compute(content[..checkedBytes]), checkedBytes, out error);
    }

    /// <summary>Compares; the offset is the CRC's.</summary>
    public static bool TryCheckCrc(uint crc, uint computed, long offset, out McapError error)
    {
        error = crc == 0 || crc == computed
            ? default
            : new McapError(
                McapErrorKind.CrcMismatch, offset, $"an attachment with CRC-32 {crc:x8}", $"{computed:x8}");
        return !error.IsError;
    }
}
