using AvSdk.Contracts.V1;

namespace AvSdk.Contracts.Ledger;

/// <summary>One topic's part of a reconciliation.</summary>
internal sealed class TopicAccount(string topic, string lane)
{
    private readonly SortedDictionary<(string End, string Reason), ulong> _reasons = [];
    private readonly MissingStretches _missing = new();

    public LedgerTopicReport Report { get; } = new() { Topic = topic, Lane = lane };

    /// <summary>It is known how many were accepted.</summary>
    public bool IsCounted { get; set; }

    /// <summary>Messages that are in a chunk, whatever became of it.</summary>
    public ulong InChunks =>
        Report.Delivered + Report.Pending + Report.Evicted + Report.Damaged + Report.MissingAtGateway;

    /// <summary>Messages are lost, and when is known.</summary>
    public void Lose(string end, string reason, ulong messages, ulong first, ulong last)
    {
        Count(end, reason, messages);
        if (first != 0 || last != 0)
            Miss(end, reason, messages, first, last);
    }

    public void Count(string end, string reason, ulong messages)
    {
        switch (end)
        {
            case LedgerWords.Evicted:
                Report.Evicted += messages;
                break;
            case LedgerWords.Damaged:
                Report.Damaged += messages;
                break;
            case LedgerWords.Dropped:
                Report.Dropped += messages;
                break;
            default:
                Report.MissingAtGateway += messages;
                return;
        }

        _reasons[(end, reason)] = _reasons.GetValueOrDefault((end, reason)) + messages;
    }

    public void Miss(string end, string reason, ulong messages, ulong first, ulong last) =>
        _missing.Add(end, reason, messages, first, last);

    /// <summary>What is in no chunk that could be counted was in those that could not.</summary>
    public void CountTheRest(string end, string reason)
    {
        ulong messages = Report.Unannounced;
        Report.Unannounced = 0;
        if (messages > 0)
            Count(end, reason, messages);
        _missing.Settle(end, reason, messages);
    }

    public LedgerTopicReport Finish()
    {
        Report.Offered = InChunks + Report.Dropped + Report.Unannounced;
        foreach (((string end, string reason), ulong messages) in _reasons)
            Report.Reasons.Add(new LedgerReason { End = end, Reason = reason, Messages = messages });
        Report.Missing.AddRange(_missing.InOrder());
        return Report;
    }
}
