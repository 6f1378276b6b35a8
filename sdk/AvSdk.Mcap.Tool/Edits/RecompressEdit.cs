using AvSdk.Mcap.Tool.Progress;

namespace AvSdk.Mcap.Tool.Edits;

/// <summary>
/// Writes a file again, record by record and in its order, with the writer's chunks and compression: messages,
/// definitions under their ids, attachments, metadata, private records. Every checksum on the way is checked.
/// </summary>
internal static class RecompressEdit
{
    /// <param name="total">Bytes of the input, for the progress.</param>
    /// <exception cref="McapException">The input's bytes are not good.</exception>
    public static EditReport Run(
        McapStreamReader reader, long total, Func<McapHeader, McapWriter> open, IProgress<WorkDone>? progress,
        CancellationToken cancellationToken)
    {
        McapWriter? writer = null;
        try
        {
            ulong messages = 0;
            ulong records = 0;
            int attachments = 0;
            int metadata = 0;
            while (reader.Read())
            {
                if (reader.Header is not null)
                    writer ??= open(reader.Header);
                if (WorkDone.IsTime(++records))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    progress?.Report(new WorkDone(reader.RecordOffset, total));
                }

                if (writer is null || reader.IsInSummary)
                    continue;
                Copy(reader, writer);
                messages += reader.Opcode == McapOpcode.Message ? 1u : 0;
                attachments += reader.Opcode == McapOpcode.Attachment ? 1 : 0;
                metadata += reader.Opcode == McapOpcode.Metadata ? 1 : 0;
            }

            writer?.Finish();
            return new EditReport
            {
                Messages = messages,
                Channels = reader.Channels.Count,
                Attachments = attachments,
                Metadata = metadata,
            };
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private static void Copy(McapStreamReader reader, McapWriter writer)
    {
        McapError error = default;
        switch (reader.Opcode)
        {
            case McapOpcode.Schema:
                if (McapRecordReader.TryParseSchema(reader.Content, McapLimits.Default, out McapSchema schema, out error)
                    && schema.Id != 0)
                {
                    writer.AddSchema(schema);
                }

                break;
            case McapOpcode.Channel:
                if (McapRecordReader.TryParseChannel(reader.Content, McapLimits.Default, out McapChannel channel, out error))
                    writer.AddChannel(channel);
                break;
            case McapOpcode.Message:
                McapMessageView message = reader.Message;
                writer.WriteMessage(
                    message.ChannelId, message.Sequence, message.LogTime, message.PublishTime, message.Data);
                break;
            case McapOpcode.Attachment:
                if (McapRecordReader.TryParseAttachment(
                    reader.Content, McapLimits.Default, out McapAttachment attachment, out error))
                {
                    writer.WriteAttachment(attachment);
                }

                break;
            case McapOpcode.Metadata:
                if (McapRecordReader.TryParseMetadata(reader.Content, McapLimits.Default, out McapMetadata metadata, out error))
                    writer.WriteMetadata(metadata);
                break;
            case >= (McapOpcode)McapRecordWriter.PrivateOpcodeMin when !reader.IsInChunk:
                writer.WritePrivateRecord((byte)reader.Opcode, reader.Content);
                break;
        }

        if (error.IsError)
            throw new McapException(error.In(reader.RecordOffset));
    }
}
