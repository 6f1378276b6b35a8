namespace AvSdk.Recording.Spool;

/// <summary>The words for why a chunk was evicted, as the journal and the ledger have them.</summary>
internal static class EvictionReasons
{
    /// <summary>The lane was at <see cref="LaneOptions.QuotaBytes"/>.</summary>
    public const string Quota = "quota";

    /// <summary>The spool was at its own limit.</summary>
    public const string SpoolQuota = "spool_quota";

    /// <summary>It was older than its lane, or the spool, keeps.</summary>
    public const string Age = "age";

    /// <summary>The disk had less than must be left free.</summary>
    public const string FreeSpace = "free_space";
}
