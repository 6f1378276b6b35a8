namespace AvSdk.Recording.Ledger;

/// <summary>The words for why a message is in no chunk, as they go into <c>TopicLoss.reason</c>.</summary>
internal static class DropReasons
{
    public const string MemoryFull = "memory_full";
    public const string SpoolFull = "spool_full";
    public const string TooLarge = "too_large";
    public const string Stopped = "stopped";
    public const string SpoolError = "spool_error";

    /// <summary>It was accepted and held in memory while the disk refused, until the memory was needed.</summary>
    public const string Disk = "disk";

    /// <summary>It was accepted, and what was to go for it was marked before it was written.</summary>
    public const string NoRoom = "no_room";

    public static string Of(WriteResult result) => result switch
    {
        WriteResult.DroppedMemoryFull => MemoryFull,
        WriteResult.DroppedSpoolFull => SpoolFull,
        WriteResult.DroppedTooLarge => TooLarge,
        _ => Stopped,
    };
}
