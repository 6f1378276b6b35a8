namespace AvSdk.Recording;

/// <summary>
/// What a lane does when its quota, or the disk, is full. Chunks with a receipt always go first.
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
}
