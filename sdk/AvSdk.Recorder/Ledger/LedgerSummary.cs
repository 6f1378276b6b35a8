namespace AvSdk.Recording;

/// <summary>
/// What became of a recording's messages. Every message that was offered is in exactly one of the counts.
/// </summary>
/// <param name="Topics">By topic, in order of topic.</param>
public sealed record LedgerSummary(IReadOnlyList<TopicLedger> Topics)
{
    /// <summary>Nothing was offered.</summary>
    public static LedgerSummary Empty { get; } = new([]);

    /// <summary>Messages offered.</summary>
    public ulong Offered => Sum(static topic => topic.Offered);

    /// <summary>Messages accepted: pending, delivered, evicted or damaged.</summary>
    public ulong Accepted => Sum(static topic => topic.Accepted);

    /// <summary>Messages whose chunk has a receipt.</summary>
    public ulong Delivered => Sum(static topic => topic.Delivered);

    /// <summary>Messages refused, for whatever reason.</summary>
    public ulong Dropped => Sum(static topic => topic.Dropped);

    private ulong Sum(Func<TopicLedger, ulong> count) =>
        Topics.Aggregate(0UL, (sum, topic) => sum + count(topic));
}

/// <summary>One topic's part of the ledger.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Lane">Its lane.</param>
/// <param name="Accepted">Messages accepted.</param>
/// <param name="Delivered">Of those, messages whose chunk has a receipt.</param>
/// <param name="Evicted">Of those, messages deleted from the spool without a receipt, by policy.</param>
/// <param name="Damaged">Of those, messages in chunks that were quarantined.</param>
/// <param name="Drops">Messages refused or lost before the recorder, by reason; only reasons that
/// occurred.</param>
public sealed record TopicLedger(
    string Topic, string Lane, ulong Accepted, ulong Delivered, ulong Evicted, ulong Damaged,
    IReadOnlyDictionary<string, ulong> Drops)
{
    /// <summary>Evicted messages by reason: <c>quota</c>, <c>free_space</c>; only reasons that
    /// occurred.</summary>
    public IReadOnlyDictionary<string, ulong> Evictions { get; init; } =
        System.Collections.ObjectModel.ReadOnlyDictionary<string, ulong>.Empty;

    /// <summary>
    /// When messages are missing, in order of log time, at most 256 stretches: of one end and reason less than a second
    /// apart are one, further apart where there would be more. A topic of another process counts without them.
    /// </summary>
    public IReadOnlyList<MissingRange> Missing { get; init; } = [];

    /// <summary>Messages refused or lost before the recorder.</summary>
    public ulong Dropped => Drops.Values.Aggregate(0UL, static (sum, count) => sum + count);

    /// <summary>Messages offered.</summary>
    public ulong Offered => Accepted + Dropped;

    /// <summary>Messages accepted whose end is still open.</summary>
    public ulong Pending => Accepted - Delivered - Evicted - Damaged;
}
