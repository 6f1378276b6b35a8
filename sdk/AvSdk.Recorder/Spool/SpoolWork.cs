using AvSdk.Recording.Chunking;

namespace AvSdk.Recording.Spool;

/// <summary>What a lane's writer is asked to do, in order.</summary>
internal abstract record SpoolWork
{
    /// <summary>Write a chunk.</summary>
    public sealed record Write(ClosedChunk Chunk) : SpoolWork;

    /// <summary>Make durable what was written before, as the lane's contract says; then complete.</summary>
    /// <param name="Done">Completed then; faulted if more chunks were lost than LossesTold says.</param>
    /// <param name="LossesTold">Lost chunks that flushes were told of when this one was asked for.</param>
    public sealed record Flush(TaskCompletionSource Done, long LossesTold) : SpoolWork;

    /// <summary>The interval of the lane's contract is over.</summary>
    public sealed record IntervalOver : SpoolWork;

    /// <summary>Look whether the segment has become old.</summary>
    public sealed record Tick : SpoolWork;
}
