namespace AvSdk.Recording;

/// <summary>
/// What a lane does when its quota, the spool or the disk is full. Chunks with a receipt always go first; marked ones,
/// and those of sync lanes, stay until they have theirs.
/// </summary>
public enum WhenFull
{
    /// <summary>
    /// New messages are refused (<see cref="WriteResult.DroppedSpoolFull"/>); what is recorded stays.
    /// </summary>
    Refuse = 0,

    /// <summary>
    /// The lane's oldest segments are deleted, delivered or not; the ledger counts them as evicted.
    /// </summary>
    EvictOldest,

    /// <summary>
    /// For full resolution: every second chunk of the same channels goes first, oldest segments first; only when the
    /// whole lane is thinned so, its oldest segments are deleted as by <see cref="EvictOldest"/>. Costs the writing of
    /// what stays once more.
    /// </summary>
    Thin,
}
