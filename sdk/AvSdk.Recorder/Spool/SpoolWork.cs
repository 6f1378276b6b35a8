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

    /// <summary>
    /// Make durable what was written before; then complete, in any case. With options: end the segment, and go on under
    /// them.
    /// </summary>
    public sealed record Settle(TaskCompletionSource Done, LaneOptions? Options) : SpoolWork;

    /// <summary>Write nothing more until the task has completed, which never fails.</summary>
    public sealed record Hold(Task Until) : SpoolWork;

    /// <summary>The interval of the lane's contract is over.</summary>
    public sealed record IntervalOver : SpoolWork;

    /// <summary>Look whether the segment has become old.</summary>
    public sealed record Tick : SpoolWork;
}
