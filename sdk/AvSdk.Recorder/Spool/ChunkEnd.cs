namespace AvSdk.Recording.Spool;

/// <summary>How a chunk ended; the numbers stand in the journal.</summary>
internal enum ChunkEnd : byte
{
    /// <summary>It has not.</summary>
    Pending = 0,

    /// <summary>The gateway has a receipt for it.</summary>
    Delivered = 1,

    /// <summary>The gateway will never take it, or its bytes are damaged here.</summary>
    Damaged = 2,

    /// <summary>Deleted without a receipt, to make room.</summary>
    Evicted = 3,
}
