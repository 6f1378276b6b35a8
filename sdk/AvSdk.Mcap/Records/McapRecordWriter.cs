using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// Writes single records, without state: the caller keeps their order (see the layout in the specification,
/// "File Structure"). Each call appends exactly one record, opcode and length included.
/// </summary>
public static class McapRecordWriter
{
    /// <summary>
    /// Bytes of a Message record without its payload: opcode, length, channel, sequence, times.
    /// </summary>
    public const int MessageOverheadBytes = McapFormat.RecordPrefixBytes + McapFormat.MessageFieldBytes;

    /// <summary>The lowest opcode of an application's own records.</summary>
    public const byte PrivateOpcodeMin = 0x80;

    /// <summary>The eight bytes that a file starts and ends with.</summary>
    public static void WriteMagic(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Write(McapFormat.Magic);
    }

    /// <summary>The file's first record.</summary>
    public static void WriteHeader(IBufferWriter<byte> output, McapHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        int bytes = FieldWriter.TextBytes(header.Profile) + FieldWriter.TextBytes(header.Library);
        FieldWriter fields = Begin(output, McapOpcode.Header, bytes);
        fields.Text(header.Profile);
        fields.Text(header.Library);
        output.Advance(fields.At);
    }

    /// <summary>The file's last record; the magic follows it.</summary>
    public static void WriteFooter(IBufferWriter<byte> output, McapFooter footer)
    {
        ArgumentNullException.ThrowIfNull(footer);
        FieldWriter fields = Begin(output, McapOpcode.Footer, 20);
        fields.UInt64(footer.SummaryStart);
        fields.UInt64(footer.SummaryOffsetStart);
        fields.UInt32(footer.SummaryCrc);
        output.Advance(fields.At);
    }

    /// <summary>A schema; its id must not be 0.</summary>
    public static void WriteSchema(IBufferWriter<byte> output, McapSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentOutOfRangeException.ThrowIfZero(schema.Id, nameof(schema));
        int bytes = checked(2 + FieldWriter.TextBytes(schema.Name) + FieldWriter.TextBytes(schema.Encoding)
            + 4 + schema.Data.Length);
        FieldWriter fields = Begin(output, McapOpcode.Schema, bytes);
        fields.UInt16(schema.Id);
        fields.Text(schema.Name);
        fields.Text(schema.Encoding);
        fields.Bytes32(schema.Data.Span);
        output.Advance(fields.At);
    }

    /// <summary>A channel; its schema, if any, comes before it.</summary>
    public static void WriteChannel(IBufferWriter<byte> output, McapChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        int bytes = checked(4 + FieldWriter.TextBytes(channel.Topic)
            + FieldWriter.TextBytes(channel.MessageEncoding) + FieldWriter.PairsBytes(channel.Metadata));
        FieldWriter fields = Begin(output, McapOpcode.Channel, bytes);
        fields.UInt16(channel.Id);
        fields.UInt16(channel.SchemaId);
        fields.Text(channel.Topic);
        fields.Text(channel.MessageEncoding);
        fields.Pairs(channel.Metadata);
        output.Advance(fields.At);
    }

    /// <summary>A message outside of chunks; its channel comes before it. Times in ns.</summary>
    public static void WriteMessage(IBufferWriter<byte> output, in McapMessageView message)
    {
        FieldWriter fields = Begin(
            output, McapOpcode.Message, checked(McapFormat.MessageFieldBytes + message.Data.Length));
        fields.UInt16(message.ChannelId);
        fields.UInt32(message.Sequence);
        fields.UInt64(message.LogTime);
        fields.UInt64(message.PublishTime);
        fields.Bytes(message.Data);
        output.Advance(fields.At);
    }

    /// <summary>Metadata.</summary>
    public static void WriteMetadata(IBufferWriter<byte> output, McapMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        int bytes = checked(FieldWriter.TextBytes(metadata.Name) + FieldWriter.PairsBytes(metadata.Values));
        FieldWriter fields = Begin(output, McapOpcode.Metadata, bytes);
        fields.Text(metadata.Name);
        fields.Pairs(metadata.Values);
        output.Advance(fields.At);
    }

    /// <summary>An attachment, its CRC computed.</summary>
    public static void WriteAttachment(IBufferWriter<byte> output, McapAttachment attachment)
    {
        ArgumentNullException.ThrowIfNull(attachment);
        ArgumentNullException.ThrowIfNull(output);
        int bytes = checked((int)AttachmentBytes(
            attachment.Name, attachment.MediaType, attachment.Data.Length));
        Span<byte> record = output.GetSpan(checked(bytes + McapFormat.RecordPrefixBytes));
        FieldWriter fields = new(record);
        WriteAttachmentHead(ref fields, bytes, attachment.Name, attachment.MediaType, attachment.LogTime,
            attachment.CreateTime, attachment.Data.Length);
        fields.Bytes(attachment.Data.Span);
        fields.UInt32(Crc32.Compute(record[McapFormat.RecordPrefixBytes..fields.At]));
        output.Advance(fields.At);
    }

    /// <summary>An attachment up to its data; <see cref="WriteCrc"/> ends it.</summary>
    internal static void WriteAttachmentHead(
        IBufferWriter<byte> output, string name, string mediaType, ulong logTime, ulong createTime,
        long dataBytes)
    {
        long bytes = AttachmentBytes(name, mediaType, dataBytes);
        FieldWriter fields = new(output.GetSpan(
            checked(McapFormat.RecordPrefixBytes + (int)AttachmentBytes(name, mediaType, 0))));
        WriteAttachmentHead(ref fields, bytes, name, mediaType, logTime, createTime, dataBytes);
        output.Advance(fields.At);
    }

    /// <summary>The CRC with which an attachment ends: of its content up to here.</summary>
    internal static void WriteCrc(IBufferWriter<byte> output, uint crc)
    {
        FieldWriter fields = new(output.GetSpan(4));
        fields.UInt32(crc);
        output.Advance(fields.At);
    }

    /// <summary>The end of the data section; CRC 0: not available.</summary>
    public static void WriteDataEnd(IBufferWriter<byte> output, uint dataSectionCrc)
    {
        FieldWriter fields = Begin(output, McapOpcode.DataEnd, 4);
        fields.UInt32(dataSectionCrc);
        output.Advance(fields.At);
    }

    /// <summary>Statistics of the file.</summary>
    public static void WriteStatistics(IBufferWriter<byte> output, McapStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        FieldWriter fields = Begin(
            output, McapOpcode.Statistics, 42 + FieldWriter.NumberMapBytes(statistics.ChannelMessageCounts));
        fields.UInt64(statistics.MessageCount);
        fields.UInt16(statistics.SchemaCount);
        fields.UInt32(statistics.ChannelCount);
        fields.UInt32(statistics.AttachmentCount);
        fields.UInt32(statistics.MetadataCount);
        fields.UInt32(statistics.ChunkCount);
        fields.UInt64(statistics.MessageStartTime);
        fields.UInt64(statistics.MessageEndTime);
        fields.NumberMap(statistics.ChannelMessageCounts);
        output.Advance(fields.At);
    }

    /// <summary>Where a chunk is.</summary>
    public static void WriteChunkIndex(IBufferWriter<byte> output, McapChunkIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        int bytes = 32 + FieldWriter.NumberMapBytes(index.MessageIndexOffsets) + 8
            + FieldWriter.TextBytes(index.Compression) + 16;
        FieldWriter fields = Begin(output, McapOpcode.ChunkIndex, bytes);
        fields.UInt64(index.MessageStartTime);
        fields.UInt64(index.MessageEndTime);
        fields.UInt64(index.ChunkStartOffset);
        fields.UInt64(index.ChunkLength);
        fields.NumberMap(index.MessageIndexOffsets);
        fields.UInt64(index.MessageIndexLength);
        fields.Text(index.Compression);
        fields.UInt64(index.CompressedSize);
        fields.UInt64(index.UncompressedSize);
        output.Advance(fields.At);
    }

    /// <summary>Where an attachment is.</summary>
    public static void WriteAttachmentIndex(IBufferWriter<byte> output, McapAttachmentIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        int bytes = 40 + FieldWriter.TextBytes(index.Name) + FieldWriter.TextBytes(index.MediaType);
        FieldWriter fields = Begin(output, McapOpcode.AttachmentIndex, bytes);
        fields.UInt64(index.Offset);
        fields.UInt64(index.Length);
        fields.UInt64(index.LogTime);
        fields.UInt64(index.CreateTime);
        fields.UInt64(index.DataSize);
        fields.Text(index.Name);
        fields.Text(index.MediaType);
        output.Advance(fields.At);
    }

    /// <summary>Where a metadata record is.</summary>
    public static void WriteMetadataIndex(IBufferWriter<byte> output, McapMetadataIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        FieldWriter fields = Begin(output, McapOpcode.MetadataIndex, 16 + FieldWriter.TextBytes(index.Name));
        fields.UInt64(index.Offset);
        fields.UInt64(index.Length);
        fields.Text(index.Name);
        output.Advance(fields.At);
    }

    /// <summary>Where the summary's records of one kind are.</summary>
    public static void WriteSummaryOffset(IBufferWriter<byte> output, McapSummaryOffset offset)
    {
        ArgumentNullException.ThrowIfNull(offset);
        FieldWriter fields = Begin(output, McapOpcode.SummaryOffset, 17);
        fields.Byte((byte)offset.GroupOpcode);
        fields.UInt64(offset.GroupStart);
        fields.UInt64(offset.GroupLength);
        output.Advance(fields.At);
    }

    /// <summary>
    /// An application's own record. <paramref name="opcode"/> is 0x80 to 0xFF; readers that do not know it
    /// skip it.
    /// </summary>
    public static void WritePrivate(IBufferWriter<byte> output, byte opcode, ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(opcode, PrivateOpcodeMin);
        FieldWriter fields = Begin(output, (McapOpcode)opcode, content.Length);
        fields.Bytes(content);
        output.Advance(fields.At);
    }

    private static long AttachmentBytes(string name, string mediaType, long dataBytes) =>
        checked(16 + FieldWriter.TextBytes(name) + FieldWriter.TextBytes(mediaType) + 8 + dataBytes + 4);

    private static void WriteAttachmentHead(
        ref FieldWriter fields, long contentBytes, string name, string mediaType, ulong logTime,
        ulong createTime, long dataBytes)
    {
        fields.Prefix(McapOpcode.Attachment, contentBytes);
        fields.UInt64(logTime);
        fields.UInt64(createTime);
        fields.Text(name);
        fields.Text(mediaType);
        fields.UInt64((ulong)dataBytes);
    }

    private static FieldWriter Begin(IBufferWriter<byte> output, McapOpcode opcode, int contentBytes)
    {
        ArgumentNullException.ThrowIfNull(output);
        FieldWriter fields = new(output.GetSpan(checked(McapFormat.RecordPrefixBytes + contentBytes)));
        fields.Prefix(opcode, contentBytes);
        return fields;
    }
}
