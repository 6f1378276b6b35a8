namespace AvSdk.Recording;

/// <summary>What became of a message that was written.</summary>
public enum WriteResult
{
    /// <summary>
    /// It is the recorder's now: it will be durable as the lane's contract says, and counted to its end.
    /// </summary>
    Accepted = 0,

    /// <summary>
    /// Not recorded: the memory for unwritten chunks is full (<c>RecorderOptions.MemoryBytesMax</c>).
    /// </summary>
    DroppedMemoryFull,

    /// <summary>Not recorded: the spool is full and its policy is to refuse.</summary>
    DroppedSpoolFull,

    /// <summary>Not recorded: larger than <c>RecorderOptions.MessageBytesMax</c>.</summary>
    DroppedTooLarge,

    /// <summary>Not recorded: the recorder is stopping or has failed.</summary>
    DroppedStopped,
}
