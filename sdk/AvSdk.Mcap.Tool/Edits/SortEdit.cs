using AvSdk.Mcap.Tool.Progress;

namespace AvSdk.Mcap.Tool.Edits;

/// <summary>Writes a file's messages in log-time order, equal times as they stood; everything else as it is.</summary>
internal static class SortEdit
{
    /// <exception cref="McapException">The input's bytes are not good.</exception>
    public static EditReport Run(
        McapIndexedReader reader, McapWriter writer, IProgress<WorkDone>? progress, CancellationToken cancellationToken)
    {
        ExtrasCopy.Definitions(reader, writer, [.. reader.Channels.Values]);
        int metadata = ExtrasCopy.Metadata(reader, writer);
        int attachments = ExtrasCopy.Attachments(reader, writer, cancellationToken);
        long? total = (long?)reader.Statistics?.MessageCount;
        ulong written = 0;
        using McapMessageCursor messages = reader.Read(McapQuery.All);
        while (messages.MoveNext())
        {
            McapMessageView message = messages.Current;
            writer.WriteMessage(
                message.ChannelId, message.Sequence, message.LogTime, message.PublishTime, message.Data);
            if (WorkDone.IsTime(++written))
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new WorkDone((long)written, total));
            }
        }

        return new EditReport
        {
            Messages = written,
            Channels = reader.Channels.Count,
            Metadata = metadata,
            Attachments = attachments,
        };
    }
}
