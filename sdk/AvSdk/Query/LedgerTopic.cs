namespace AvSdk.Query;

/// <summary>One topic's messages; all counts but <see cref="Offered"/> exclude one another and add up to it.</summary>
public sealed record LedgerTopic
{
    /// <summary>The topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Its lane; empty where it is not known.</summary>
    public required string Lane { get; init; }

    /// <summary>Messages offered to the recorder.</summary>
    public required ulong Offered { get; init; }

    /// <summary>Messages in the store.</summary>
    public required ulong Delivered { get; init; }

    /// <summary>Messages that are still in the vehicle.</summary>
    public required ulong Pending { get; init; }

    /// <summary>Messages that the vehicle deleted without a receipt, to make room.</summary>
    public required ulong Evicted { get; init; }

    /// <summary>Messages whose chunks were rejected, or lost their bytes.</summary>
    public required ulong Damaged { get; init; }

    /// <summary>Messages that came into no chunk.</summary>
    public required ulong Dropped { get; init; }

    /// <summary>Messages that the vehicle counts as delivered and that are not in the store.</summary>
    public required ulong MissingAtGateway { get; init; }

    /// <summary>Messages that the vehicle accepted and whose chunks the gateway knows nothing of.</summary>
    public required ulong Unannounced { get; init; }

    /// <summary>The evicted, damaged and dropped by reason.</summary>
    public required IReadOnlyList<LedgerReasonCount> Reasons { get; init; }

    /// <summary>When messages are missing, in order of time.</summary>
    public required IReadOnlyList<MissingStretch> Missing { get; init; }
}
