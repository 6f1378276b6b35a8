namespace AvSdk.Recording.Spool;

/// <summary>What came of making room for a chunk.</summary>
internal enum RoomOutcome
{
    /// <summary>There is.</summary>
    Made = 0,

    /// <summary>There is none yet: what is to go first is in files that recovery has not read.</summary>
    Recovering,

    /// <summary>The lane or the spool is at its quota, and nothing may go.</summary>
    OverQuota,

    /// <summary>Something may go, and the journal cannot be told of it now.</summary>
    JournalFails,

    /// <summary>The disk has no more than must be left free, and nothing may go.</summary>
    DiskShort,
}
