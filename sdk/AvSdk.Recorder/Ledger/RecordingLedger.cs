using System.Collections.Concurrent;
using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Ledger;

/// <summary>The ledger of the recording that goes on: counters by topic and by channel id.</summary>
internal sealed class RecordingLedger
{
    private readonly ConcurrentDictionary<uint, TopicCounters> _byChannel = new();

    public TopicCounters Add(uint channelId, string topic, string lane) =>
        _byChannel.GetOrAdd(channelId, static (id, name) => new TopicCounters(id, name.topic, name.lane), (topic, lane));

    public TopicCounters? Find(uint channelId) => _byChannel.GetValueOrDefault(channelId);

    public LedgerSummary Summary() =>
        new([
            .. _byChannel.Values.Select(static topic => topic.Summary())
                .OrderBy(static topic => topic.Topic, StringComparer.Ordinal),
        ]);

    /// <summary>Adds what the ledger's file was not told.</summary>
    public void CollectInto(LedgerTally tally)
    {
        foreach (TopicCounters topic in _byChannel.Values)
            topic.CollectInto(tally);
    }

    /// <summary>Messages in chunks, by channel; once no more come.</summary>
    public IEnumerable<LedgerCount> Accepted() =>
        _byChannel.OrderBy(static topic => topic.Key).Select(static topic => topic.Value.ToAccepted());

    /// <summary>What is in no chunk, for the recording's end.</summary>
    public IEnumerable<TopicLoss> Losses()
    {
        foreach (TopicLedger topic in Summary().Topics)
        {
            foreach ((string reason, ulong messages) in topic.Drops)
                yield return new TopicLoss { Topic = topic.Topic, Messages = messages, Reason = reason };
        }
    }
}
