using AvSdk.Mcap.Tool.Progress;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>Messages by channel and the bounds of their times: from the statistics, else by reading them all.</summary>
internal sealed record MessageCounts(IReadOnlyDictionary<ushort, ulong> ByChannel, ulong Start, ulong End)
{
    public ulong Total => ByChannel.Values.Aggregate(0UL, (sum, count) => sum + count);

    public static MessageCounts Of(
        McapIndexedReader reader, IProgress<WorkDone>? progress, CancellationToken cancellationToken)
    {
        if (reader.Statistics is McapStatistics statistics
            && (statistics.MessageCount == 0 || statistics.ChannelMessageCounts.Count > 0))
        {
            return new MessageCounts(
                statistics.ChannelMessageCounts, statistics.MessageStartTime, statistics.MessageEndTime);
        }

        Dictionary<ushort, ulong> counts = [];
        ulong start = ulong.MaxValue;
        ulong end = 0;
        ulong read = 0;
        using McapMessageCursor messages = reader.Read(new McapQuery { Order = McapOrder.File });
        while (messages.MoveNext())
        {
            McapMessageView message = messages.Current;
            counts[message.ChannelId] = counts.GetValueOrDefault(message.ChannelId) + 1;
            start = Math.Min(start, message.LogTime);
            end = Math.Max(end, message.LogTime);
            if (WorkDone.IsTime(++read))
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new WorkDone((long)read, null));
            }
        }

        return new MessageCounts(counts, read == 0 ? 0 : start, end);
    }
}
