namespace AvSdk.Recording;

/// <summary>The short form of marking.</summary>
public static class RecorderMarks
{
    /// <summary>Marks a moment, as <see cref="IRecorder.Mark"/> does.</summary>
    /// <param name="recorder">The recorder.</param>
    /// <param name="name">What happened: 1 to 128 bytes of UTF-8, for example <c>hard_brake</c>.</param>
    /// <param name="logTime">When: log time, ns since 1970.</param>
    /// <param name="before">How much before it is kept; 0 to 1 h.</param>
    /// <param name="after">How much after it is kept; 0 to 1 h.</param>
    /// <param name="metadata">Whatever belongs to it; null: nothing.</param>
    /// <exception cref="ArgumentException">The name, the window or the metadata cannot be.</exception>
    public static MarkResult Mark(
        this IRecorder recorder, string name, ulong logTime, TimeSpan before, TimeSpan after,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        RecordingMark mark = new() { Name = name, LogTime = logTime, Before = before, After = after };
        return recorder.Mark(metadata is null ? mark : mark with { Metadata = metadata });
    }
}
