namespace AvSdk.Recording.Ledger;

/// <summary>
/// The stretches of one topic in which messages are missing, at most 256: those of one end and reason that are less than a
/// second apart are one, and where there are too many, the two nearest of one kind become one. Not safe for threads.
/// </summary>
internal sealed class MissingRanges
{
    public const int RangesMax = 256;
    private const ulong GapNs = 1_000_000_000;

    private readonly List<MissingRange> _ranges = [];

    public void Add(MissingRange range)
    {
        // Losses come in runs: the one to grow is nearly always among the last.
        for (int at = _ranges.Count - 1; at >= 0; at--)
        {
            if (IsSameKind(_ranges[at], range) && Distance(_ranges[at], range) <= GapNs)
            {
                _ranges[at] = Union(_ranges[at], range);
                return;
            }
        }

        _ranges.Add(range);
        if (_ranges.Count > RangesMax)
            MergeNearest();
    }

    /// <summary>In order of time; a copy.</summary>
    public IReadOnlyList<MissingRange> InOrder() => [.. _ranges.OrderBy(static range => range.FirstLogTime)];

    private void MergeNearest()
    {
        _ranges.Sort(static (x, y) =>
        {
            int byEnd = x.End.CompareTo(y.End);
            if (byEnd == 0)
                byEnd = string.CompareOrdinal(x.Reason, y.Reason);
            return byEnd != 0 ? byEnd : x.FirstLogTime.CompareTo(y.FirstLogTime);
        });
        int nearest = -1;
        for (int at = 1; at < _ranges.Count; at++)
        {
            if (IsSameKind(_ranges[at - 1], _ranges[at])
                && (nearest < 0 || Distance(_ranges[at - 1], _ranges[at])
                    < Distance(_ranges[nearest - 1], _ranges[nearest])))
            {
                nearest = at;
            }
        }

        // There are fewer kinds than ranges.
        _ranges[nearest - 1] = Union(_ranges[nearest - 1], _ranges[nearest]);
        _ranges.RemoveAt(nearest);
    }

    private static bool IsSameKind(MissingRange x, MissingRange y) => x.End == y.End && x.Reason == y.Reason;

    private static ulong Distance(MissingRange x, MissingRange y) =>
        y.FirstLogTime > x.LastLogTime ? y.FirstLogTime - x.LastLogTime
        : x.FirstLogTime > y.LastLogTime ? x.FirstLogTime - y.LastLogTime
        : 0;

    private static MissingRange Union(MissingRange x, MissingRange y) => x with
    {
        Messages = x.Messages + y.Messages,
        FirstLogTime = Math.Min(x.FirstLogTime, y.FirstLogTime),
        LastLogTime = Math.Max(x.LastLogTime, y.LastLogTime),
    };
}
