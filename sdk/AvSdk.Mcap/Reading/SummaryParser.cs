using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>Reads header, footer and summary from bytes that the caller brings.</summary>
internal static class SummaryParser
{
    /// <summary>Footer record and end magic.</summary>
    public const int TailBytes = McapFormat.FooterRecordBytes + McapFormat.MagicBytes;

    /// <summary>
    /// The footer, from a file's last bytes. Null where there is none, which is what an unsealed file looks
    /// like.
    /// </summary>
    public static McapFooter? FindFooter(ReadOnlySpan<byte> tail)
    {
        if (tail.Length < TailBytes)
            return null;
        ReadOnlySpan<byte> footer = tail[^TailBytes..];
        if (!footer[^McapFormat.MagicBytes..].SequenceEqual(McapFormat.Magic)
            || (McapOpcode)footer[0] != McapOpcode.Footer
            || BinaryPrimitives.ReadUInt64LittleEndian(footer[1..])
                != McapFormat.FooterRecordBytes - McapFormat.RecordPrefixBytes)
        {
            return null;
        }

        ReadOnlySpan<byte> content = footer[McapFormat.RecordPrefixBytes..];
        return McapRecordReader.TryParseFooter(content, out McapFooter parsed, out _) ? parsed : null;
    }

    /// <summary>The header, from a file's first bytes.</summary>
    public static bool TryParseHeader(
        ReadOnlySpan<byte> head, McapLimits limits, out McapHeader header, out McapError error)
    {
        header = new McapHeader("", "");
        McapReadStatus status = McapRecordReader.TryReadMagic(head, out error);
        if (status == McapReadStatus.Ok)
        {
            ReadOnlySpan<byte> rest = head[McapFormat.MagicBytes..];
            status = McapRecordReader.TryRead(rest, limits, out McapRecordView record, out error);
            if (status == McapReadStatus.Ok && record.Opcode == McapOpcode.Header
                && McapRecordReader.TryParseHeader(record.Content, limits, out header, out error))
            {
                return true;
            }

            if (status == McapReadStatus.Ok && !error.IsError)
            {
                error =
                    new McapError(McapErrorKind.UnexpectedRecord, 0, "a Header record", $"{record.Opcode}");
            }

            error = error.In(McapFormat.MagicBytes);
        }

        if (status == McapReadStatus.NeedMore)
        {
            error = new McapError(McapErrorKind.Truncated, head.Length, "the magic and a Header record",
                head.IsEmpty ? "an empty file" : $"the end of the file after {head.Length} bytes");
        }

        return false;
    }

    /// <summary>
    /// The summary: from its start to the end of the file. Offsets in errors count from the summary's start.
    /// </summary>
    public static bool TryParseSummary(
        ReadOnlySpan<byte> bytes,
        McapHeader header,
        McapFooter footer,
        McapReadOptions options,
        out FileContents? contents,
        out McapError error)
    {
        contents = null;
        ReadOnlySpan<byte> summary = bytes[..^TailBytes];
        uint crc = footer.SummaryCrc == 0 || !options.CheckCrcs ? 0
            : Crc32.Compute(bytes[..^(McapFormat.MagicBytes + 4)]);
        if (crc != 0 && crc != footer.SummaryCrc)
        {
            error = new McapError(
                McapErrorKind.CrcMismatch, 0, $"a summary with CRC-32 {footer.SummaryCrc:x8}", $"{crc:x8}");
            return false;
        }

        Definitions definitions = new(schemasMayBeMissing: true);
        List<McapChunkIndex> chunks = [];
        List<McapAttachmentIndex> attachments = [];
        List<McapMetadataIndex> metadata = [];
        McapStatistics? statistics = null;
        for (int at = 0; at < summary.Length;)
        {
            McapReadStatus status = McapRecordReader.TryRead(
                summary[at..], options.Limits, out McapRecordView record, out error);
            if (status == McapReadStatus.NeedMore)
            {
                error = new McapError(McapErrorKind.LengthMismatch, 0,
                    $"{record.TotalBytes} bytes of a {record.Opcode} record",
                    $"{summary.Length - at} to the footer");
            }

            bool good = status == McapReadStatus.Ok && TryTake(record, options.Limits, out error);
            if (!good)
            {
                error = error.In(at);
                return false;
            }

            at += (int)record.TotalBytes;
        }

        error = default;
        contents = new FileContents
        {
            Header = header,
            Definitions = definitions,
            Chunks = chunks,
            Attachments = attachments,
            Metadata = metadata,
            Statistics = statistics,
            IsFromSummary = true,
        };
        return true;

        bool TryTake(McapRecordView record, McapLimits limits, out McapError error)
        {
            error = default;
            switch (record.Opcode)
            {
                case McapOpcode.Schema or McapOpcode.Channel:
                    return definitions.TryAdd(record.Content, record.Opcode, limits, out error);
                case McapOpcode.ChunkIndex:
                    bool parsed = McapRecordReader.TryParseChunkIndex(
                        record.Content, limits, out McapChunkIndex chunk, out error);
                    chunks.Add(chunk);
                    return parsed;
                case McapOpcode.AttachmentIndex:
                    parsed = McapRecordReader.TryParseAttachmentIndex(
                        record.Content, limits, out McapAttachmentIndex attachment, out error);
                    attachments.Add(attachment);
                    return parsed;
                case McapOpcode.MetadataIndex:
                    parsed = McapRecordReader.TryParseMetadataIndex(
                        record.Content, limits, out McapMetadataIndex index, out error);
                    metadata.Add(index);
                    return parsed;
                case McapOpcode.Statistics:
                    parsed = McapRecordReader.TryParseStatistics(record.Content, out McapStatistics found,
                        out error);
                    statistics = found;
                    return parsed;
                default:
                    return true;
            }
        }
    }
}
