using System.Buffers;
using System.Text.Json;
using AvSdk.Mcap;

namespace AvSdk.Conformance;

/// <summary>The suite's "streamed" run: every record as it comes, chunks unpacked, message indexes left out.</summary>
public static class StreamedRun
{
    /// <summary>The JSON for a file, whose stream is disposed of.</summary>
    public static ReadOnlyMemory<byte> Read(Stream file)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter json = new(output))
        using (McapStreamReader reader = new(file))
        {
            json.WriteStartObject();
            json.WriteStartArray("records");
            while (reader.Read())
                Write(new RecordJson(json), reader.Opcode, reader.Content);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static void Write(RecordJson record, McapOpcode opcode, ReadOnlySpan<byte> content)
    {
        McapLimits limits = McapLimits.Default;
        McapError error = default;
        switch (opcode)
        {
            case McapOpcode.Header when McapRecordReader.TryParseHeader(content, limits, out McapHeader header, out error):
                record.Begin("Header");
                record.Text("library", header.Library);
                record.Text("profile", header.Profile);
                record.End();
                break;
            case McapOpcode.Footer when McapRecordReader.TryParseFooter(content, out McapFooter footer, out error):
                record.Begin("Footer");
                record.Number("summary_crc", footer.SummaryCrc);
                record.Number("summary_offset_start", footer.SummaryOffsetStart);
                record.Number("summary_start", footer.SummaryStart);
                record.End();
                break;
            case McapOpcode.Schema when McapRecordReader.TryParseSchema(content, limits, out McapSchema schema, out error):
                record.Write(schema);
                break;
            case McapOpcode.Channel when McapRecordReader.TryParseChannel(content, limits, out McapChannel channel, out error):
                record.Write(channel);
                break;
            case McapOpcode.Message when McapRecordReader.TryParseMessage(content, out McapMessageView message, out error):
                record.Write(message);
                break;
            case McapOpcode.DataEnd when McapRecordReader.TryParseDataEnd(content, out uint crc, out error):
                record.Begin("DataEnd");
                record.Number("data_section_crc", crc);
                record.End();
                break;
            case McapOpcode.Chunk or McapOpcode.MessageIndex:
                break;
            default:
                WriteBeside(record, opcode, content, limits, out error);
                break;
        }

        if (error.IsError)
            throw new McapException(error);
    }

    private static void WriteBeside(
        RecordJson record, McapOpcode opcode, ReadOnlySpan<byte> content, McapLimits limits, out McapError error)
    {
        error = default;
        switch (opcode)
        {
            case McapOpcode.Attachment when McapRecordReader.TryParseAttachment(content, limits, out McapAttachment attachment, out error):
                record.Write(attachment);
                break;
            case McapOpcode.Metadata when McapRecordReader.TryParseMetadata(content, limits, out McapMetadata metadata, out error):
                record.Write(metadata);
                break;
            case McapOpcode.Statistics when McapRecordReader.TryParseStatistics(content, out McapStatistics statistics, out error):
                record.Write(statistics);
                break;
            case McapOpcode.ChunkIndex when McapRecordReader.TryParseChunkIndex(content, limits, out McapChunkIndex index, out error):
                record.Write(index);
                break;
            case McapOpcode.AttachmentIndex
                when McapRecordReader.TryParseAttachmentIndex(content, limits, out McapAttachmentIndex index, out error):
                record.Write(index);
                break;
            case McapOpcode.MetadataIndex
                when McapRecordReader.TryParseMetadataIndex(content, limits, out McapMetadataIndex index, out error):
                record.Write(index);
                break;
            case McapOpcode.SummaryOffset when McapRecordReader.TryParseSummaryOffset(content, out McapSummaryOffset offset, out error):
                record.Begin("SummaryOffset");
                record.Number("group_length", offset.GroupLength);
                record.Number("group_opcode", (ulong)offset.GroupOpcode);
                record.Number("group_start", offset.GroupStart);
                record.End();
                break;
            default:
                break;
        }
    }
}
