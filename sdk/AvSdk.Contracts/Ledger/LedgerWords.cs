namespace AvSdk.Contracts.Ledger;

/// <summary>The words that reports of a ledger (ledger.proto) are told in.</summary>
public static class LedgerWords
{
    /// <summary>Deleted from the spool without a receipt, to make room.</summary>
    public const string Evicted = "evicted";

    /// <summary>The gateway will never take it, or its bytes are lost.</summary>
    public const string Damaged = "damaged";

    /// <summary>In no chunk.</summary>
    public const string Dropped = "dropped";

    /// <summary>Nobody can say: the run was killed.</summary>
    public const string Unknown = "unknown";

    /// <summary>The reason of what a killed run took with it.</summary>
    public const string Killed = "killed";

    /// <summary>The vehicle says delivered, the gateway does not have it.</summary>
    public const string MissingAtGateway = "missing_at_gateway";

    /// <summary>The vehicle says evicted or damaged, the gateway has it.</summary>
    public const string DeliveredAfterAll = "delivered_after_all";

    /// <summary>The chain of chunks in the ledger is not the one at hand.</summary>
    public const string OtherHash = "other_hash";

    /// <summary>Two sums that should be one.</summary>
    public const string Count = "count";
}
