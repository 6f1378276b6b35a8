namespace AvSdk.Mcap.Tool.Times;

/// <summary>From the first bound, inclusive, to the second, exclusive; null: no bound on that side.</summary>
internal readonly record struct TimeRange(TimeBound? From, TimeBound? To)
{
    public bool IsEverything => From is null && To is null;

    /// <summary>
    /// The range in ns since 1970 for a file whose first and last messages have these times; null: no end.
    /// </summary>
    public (ulong From, ulong? To) Resolve(ulong start, ulong end)
    {
        ulong from = From?.Resolve(start, end) ?? 0;
        ulong? to = To?.Resolve(start, end);
        return (from, to is ulong last && last < from ? from : to);
    }
}
