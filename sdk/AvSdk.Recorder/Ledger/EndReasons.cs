namespace AvSdk.Recording.Ledger;

/// <summary>
/// The words for why a chunk ended as damaged, as they go into <c>LedgerChunks.reason</c>; for evicted ones see <see
/// cref="Spool.EvictionReasons"/>.
/// </summary>
internal static class EndReasons
{
    /// <summary>The gateway will never take it.</summary>
    public const string Rejected = "rejected";

    /// <summary>Its bytes are not what was written, or the disk gives an error for them each time.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>A later run found nothing whole of it in the spool, and no word of its end.</summary>
    public const string NotFound = "not_found";

    /// <summary>A later run found that it had ended, and not why.</summary>
    public const string Unknown = "unknown";
}
