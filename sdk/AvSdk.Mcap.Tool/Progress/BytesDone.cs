namespace AvSdk.Mcap.Tool.Progress;

/// <summary>Hands on how many bytes are done as a part of all of them.</summary>
internal sealed class BytesDone : IProgress<long>
{
    private readonly IProgress<WorkDone> _progress;
    private readonly long _total;

    private BytesDone(IProgress<WorkDone> progress, long total) => (_progress, _total) = (progress, total);

    /// <summary>Null when nobody watches.</summary>
    public static BytesDone? Of(IProgress<WorkDone>? progress, long total) =>
        progress is null ? null : new BytesDone(progress, total);

    public void Report(long value) => _progress.Report(new WorkDone(value, _total));
}
