using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>
/// Reads single records from bytes, without state. <c>TryRead</c> frames a record, <c>TryParse…</c> reads the
/// content of one kind; offsets in errors count from the start of the span given. Bytes after a record's
/// known fields are skipped, as the specification wants it.
/// </summary>
public static class McapRecordReader
{
    /// <summary>Frames the record at the start of <paramref name="input"/>.</summary>
    public static McapReadStatus TryRead(ReadOnlySpan<byte> input, McapLimits limits,
        out McapRecordView record) =>
        TryRead(input, limits, out record, out _);

    /// <summary>
    /// Frames the record at the start of <paramref name="input"/>. On <see cref="McapReadStatus.NeedMore"/>
    /// the record tells how many bytes it takes; a length over the limit and opcode 0 are errors.
    /// </summary>
    public static McapReadStatus TryRead(
        ReadOnlySpan<byte> input, McapLimits limits, out McapRecordView record, out McapError error)
    {
        ArgumentNullException.ThrowIfNull(limits);
        error = default;
        record = new McapRecordView(McapOpcode.None, default, McapFormat.RecordPrefixBytes);
        if (input.IsEmpty)
            return McapReadStatus.NeedMore;
        McapOpcode opcode = (McapOpcode)input[0];
        if (opcode == McapOpcode.None)
        {
            error = new McapError(McapErrorKind.UnexpectedRecord, 0, "an opcode from 1 to 255", "opcode 0");
            return McapReadStatus.Error;
        }

        if (input.Length < McapFormat.RecordPrefixBytes)
            return McapReadStatus.NeedMore;
        ulong contentBytes = BinaryPrimitives.ReadUInt64LittleEndian(input[1..]);
        if (contentBytes > (ulong)limits.RecordBytesMax)
        {
            error = new McapError(McapErrorKind.LengthOverLimit, 1,
                $"a record of at most {limits.RecordBytesMax} bytes", $"a length of {contentBytes}");
            return McapReadStatus.Error;
        }

        long totalBytes = McapFormat.RecordPrefixBytes + (long)contentBytes;
        if (input.Length < totalBytes)
        {
            record = new McapRecordView(opcode, default, totalBytes);
            return McapReadStatus.NeedMore;
        }

        record = new McapRecordView(
            opcode, input.Slice(McapFormat.RecordPrefixBytes, (int)contentBytes), totalBytes);
        return McapReadStatus.Ok;
    }

    /// <summary>Checks the eight bytes of magic at the start of <paramref name="input"/>.</summary>
    public static McapReadStatus TryReadMagic(ReadOnlySpan<byte> input, out McapError error)
    {
        error = default;
        int bytes = Math.Min(input.Length, McapFormat.MagicBytes);
        if (!input[..bytes].SequenceEqual(McapFormat.Magic[..bytes]))
        {
            error = new McapError(McapErrorKind.WrongMagic, 0,
                Convert.ToHexString(McapFormat.Magic), Convert.ToHexString(input[..bytes]));
            return McapReadStatus.Error;
        }

        return bytes == McapFormat.MagicBytes ? McapReadStatus.Ok : McapReadStatus.NeedMore;
    }

    /// <summary>Reads the content of a Header record.</summary>
    public static bool TryParseHeader(
        ReadOnlySpan<byte> content, McapLimits limits, out McapHeader header, out McapError error)
    {
        FieldReader fields = new(content, limits);
        header = new McapHeader(fields.ReadText("profile"), fields.ReadText("library"));
        return fields.Finish(out error);
    }

    /// <summary>Reads the content of a Footer record.</summary>
    public static bool TryParseFooter(ReadOnlySpan<byte> content, out McapFooter footer, out McapError error)
    {
        FieldReader fields = new(content, McapLimits.Default);
        footer = new McapFooter(fields.ReadUInt64("summary_start"), fields.ReadUInt64("summary_offset_start"),
            fields.ReadUInt32("summary_crc"));
        return fields.Finish(out error);
    }

    /// <summary>
    /// Reads the content of a Schema record; its data is copied. Id 0 is for the caller to skip.
    /// </summary>
    public static bool TryParseSchema(
        ReadOnlySpan<byte> content, McapLimits limits, out McapSchema schema, out McapError error)
    {
        FieldReader fields = new(content, limits);
        schema = new McapSchema(fields.ReadUInt16("id"), fields.ReadText("name"), fields.ReadText("encoding"),
            fields.ReadBytes32("data").ToArray());
        return fields.Finish(out error);
    }

    /// <summary>Reads the content of a Channel record.</summary>
    public static bool TryParseChannel(
        ReadOnlySpan<byte> content, McapLimits limits, out McapChannel channel, out McapError error)
    {
        FieldReader fields = new(content, limits);
        channel =
            new McapChannel(fields.ReadUInt16("id"), fields.ReadUInt16("schema_id"), fields.ReadText("topic"),
            fields.ReadText("message_encoding"), fields.ReadPairs("metadata"));
        return fields.Finish(out error);
    }

    /// <summary>
    /// Reads the content of a Message record; the payload is borrowed from it. Allocates nothing.
    /// </summary>
    public static bool TryParseMessage(
        ReadOnlySpan<byte> content, out McapMessageView message, out McapError error)
    {
        if (content.Length < McapFormat.MessageFieldBytes)
        {
            message = default;
            error = new McapError(McapErrorKind.LengthMismatch, 0,
                $"at least {McapFormat.MessageFieldBytes} bytes of a message", $"{content.Length}");
            return false;
        }

        message = new McapMessageView(content);
        error = default;
        return true;
    }

    /// <summary>
    /// Reads the content of a Chunk record; the records are borrowed from it and stay compressed. An
    /// uncompressed size over the limit is an error, so that nobody rents memory for it.
    /// </summary>
    public static bool TryParseChunk(
        ReadOnlySpan<byte> content, McapLimits limits, out McapChunkView chunk, out McapError error)
    {
        ArgumentNullException.ThrowIfNull(limits);
        FieldReader fields = new(content, limits);
        ulong start = fields.ReadUInt64("message_start_time");
        ulong end = fields.ReadUInt64("message_end_time");
        ulong size = fields.ReadUInt64("uncompressed_size");
        if (size > (ulong)limits.ChunkBytesMax)
        {
            fields.Fail(McapErrorKind.LengthOverLimit, 16,
                $"an uncompressed_size of at most {limits.ChunkBytesMax} bytes", $"{size}");
        }

        uint crc = fields.ReadUInt32("uncompressed_crc");
        string compression = ReadCompression(ref fields);
        ReadOnlySpan<byte> records = fields.ReadBytes64("records");
        if (compression.Length == 0 && size != (ulong)records.Length)
        {
            fields.Fail(McapErrorKind.LengthMismatch, 16,
                $"an uncompressed_size of {records.Length}, the bytes of the plain records", $"{size}");
        }

        if (start > end)
        {
            fields.Fail(McapErrorKind.LengthMismatch, 0,
                $"a message_start_time of at most message_end_time ({end})", $"{start}");
        }

        chunk = new McapChunkView(start, end, size, crc, compression, records);
        return fields.Finish(out error);
    }

    /// <summary>Reads the content of a MessageIndex record; its entries are borrowed from it.</summary>
    public static bool TryParseMessageIndex(
        ReadOnlySpan<byte> content, out McapMessageIndexView index, out McapError error)
    {
        FieldReader fields = new(content, McapLimits.Default);
        ushort channelId = fields.ReadUInt16("channel_id");
        ReadOnlySpan<byte> entries = fields.ReadBytes32("records");
        if (entries.Length % McapFormat.IndexEntryBytes != 0)
        {
            fields.Fail(McapErrorKind.LengthMismatch, 2,
                $"a multiple of {McapFormat.IndexEntryBytes} bytes of index entries", $"{entries.Length}");
        }

        index = new McapMessageIndexView(channelId, entries);
        return fields.Finish(out error);
    }

    /// <summary>
    /// Reads the content of an Attachment record; its data is copied, its CRC checked unless it is 0.
    /// </summary>
    public static bool TryParseAttachment(
        ReadOnlySpan<byte> content, McapLimits limits, out McapAttachment attachment, out McapError error) =>
        TryParseAttachment(content, limits, checkCrc: true, out attachment, out error);

    /// <summary>As the other overload, where the CRC need not be checked.</summary>
    public static bool TryParseAttachment(
        ReadOnlySpan<byte> content, McapLimits limits, bool checkCrc, out McapAttachment attachment,
        out McapError error)
    {
        bool good = AttachmentHead.TryParse(content, content.Length, limits, out AttachmentHead head, out error)
            && (!checkCrc || AttachmentHead.TryCheckCrc(content, limits, out error));
        attachment = new McapAttachment(
            head.LogTime, head.CreateTime, head.Name, head.MediaType,
            good ? content.Slice(head.HeadBytes, (int)head.DataBytes).ToArray() : default(ReadOnlyMemory<byte>));
        return good;
    }

    /// <summary>Reads the content of a Metadata record.</summary>
    public static bool TryParseMetadata(
        ReadOnlySpan<byte> content, McapLimits limits, out McapMetadata metadata, out McapError error)
    {
        FieldReader fields = new(content, limits);
        metadata = new McapMetadata(fields.ReadText("name"), fields.ReadPairs("metadata"));
        return fields.Finish(out error);
    }

    /// <summary>Reads the content of a DataEnd record; CRC 0: not available.</summary>
    public static bool TryParseDataEnd(ReadOnlySpan<byte> content, out uint dataSectionCrc,
        out McapError error)
    {
        FieldReader fields = new(content, McapLimits.Default);
        dataSectionCrc = fields.ReadUInt32("data_section_crc");
        return fields.Finish(out error);
    }

    /// <summary>Reads the content of a Statistics record.</summary>
    public static bool TryParseStatistics(
        ReadOnlySpan<byte> content, out McapStatistics statistics, out McapError error)
    {
        FieldReader fields = new(content, McapLimits.Default);
        statistics = new McapStatistics
        {
            MessageCount = fields.ReadUInt64("message_count"),
            SchemaCount = fields.ReadUInt16("schema_count"),
            ChannelCount = fields.ReadUInt32("channel_count"),
            AttachmentCount = fields.ReadUInt32("attachment_count"),
            MetadataCount = fields.ReadUInt32("metadata_count"),
            ChunkCount = fields.ReadUInt32("chunk_count"),
            MessageStartTime = fields.ReadUInt64("message_start_time"),
            MessageEndTime = fields.ReadUInt64("message_end_time"),
            ChannelMessageCounts = fields.ReadNumberMap("channel_message_counts"),
        };
        return fields.Finish(out error);
    }

    /// <summary>Reads the content of a ChunkIndex record.</summary>
    public static bool TryParseChunkIndex(
        ReadOnlySpan<byte> content, McapLimits limits, out McapChunkIndex index, out McapError error)
    {
        FieldReader fields = new(content, limits);
        index = new McapChunkIndex
        {
            MessageStartTime = fields.ReadUInt64("message_start_time"),
            MessageEndTime = fields.ReadUInt64("message_end_time"),
            ChunkStartOffset = fields.ReadUInt64("chunk_start_offset"),
            ChunkLength = fields.ReadUInt64("chunk_length"),
            MessageIndexOffsets = fields.ReadNumberMap("message_index_offsets"),
            MessageIndexLength = fields.ReadUInt64("message_index_length"),
            Compression = ReadCompression(ref fields),
            CompressedSize = fields.ReadUInt64("compressed_size"),
            UncompressedSize = fields.ReadUInt64("uncompressed_size"),
        };
        return fields.Finish(out error);
    }

    /// <summary>Reads the content of an AttachmentIndex record.</summary>
    public static bool TryParseAttachmentIndex(
        ReadOnlySpan<byte> content, McapLimits limits, out McapAttachmentIndex index, out McapError error)
    {
        FieldReader fields = new(content, limits);
        index = new McapAttachmentIndex(fields.ReadUInt64("offset"), fields.ReadUInt64("length"),
            fields.ReadUInt64("log_time"), fields.ReadUInt64("create_time"), fields.ReadUInt64("data_size"),
            fields.ReadText("name"), fields.ReadText("media_type"));
        return fields.Finish(out error);
    }

    /// <summary>Reads the content of a MetadataIndex record.</summary>
    public static bool TryParseMetadataIndex(
        ReadOnlySpan<byte> content, McapLimits limits, out McapMetadataIndex index, out McapError error)
    {
        FieldReader fields = new(content, limits);
        index = new McapMetadataIndex(
            fields.ReadUInt64("offset"), fields.ReadUInt64("length"), fields.ReadText("name"));
        return fields.Finish(out error);
    }

    /// <summary>Reads the content of a SummaryOffset record.</summary>
    public static bool TryParseSummaryOffset(
        ReadOnlySpan<byte> content, out McapSummaryOffset offset, out McapError error)
    {
        FieldReader fields = new(content, McapLimits.Default);
        offset = new McapSummaryOffset((McapOpcode)fields.ReadByte("group_opcode"),
            fields.ReadUInt64("group_start"), fields.ReadUInt64("group_length"));
        return fields.Finish(out error);
    }

    // The same few words over and over: no new string for each chunk.
    private static string ReadCompression(ref FieldReader fields)
    {
        string text = fields.ReadText("compression");
        return text switch
        {
            "" => "",
            ChunkCompression.Lz4Name => ChunkCompression.Lz4Name,
            ChunkCompression.ZstdName => ChunkCompression.ZstdName,
            _ => text,
        };
    }
}
