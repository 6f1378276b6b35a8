namespace AvSdk.Mcap.Tool.Progress;

/// <summary>How far long work is.</summary>
/// <param name="Done">Bytes or messages done.</param>
/// <param name="Total">Out of so many; null: nobody knows.</param>
internal readonly record struct WorkDone(long Done, long? Total)
{
    private const ulong MessagesBetween = 4096;

    /// <summary>Whether after so many messages it is time to report, and to look whether to stop.</summary>
    public static bool IsTime(ulong messages) => messages % MessagesBetween == 0;
}
