using AvSdk.Contracts.V1;

namespace AvSdk.Contracts.Ledger;

/// <summary>
/// Stretches of time in which messages are missing. Those of one end and reason that are less than a second apart are
/// one; where there are very many, the limit is doubled until there are not.
/// </summary>
internal sealed class MissingStretches
{
    public const int StretchesMax = 1000;
    private const ulong GapNs = 1_000_000_000;

    private readonly List<LedgerMissing> _stretches = [];

    // A last time of 0 is open, and so are messages of 0: their number is not known.
    public void Add(string end, string reason, ulong messages, ulong first, ulong last)
    {
        _stretches.Add(new LedgerMissing
        {
            End = end,
            Reason = reason,
            Messages = messages,
            FirstLogTime = first,
            LastLogTime = last,
        });
        if (_stretches.Count < 64 * StretchesMax)
            return;
        List<LedgerMissing> merged = InOrder();
        _stretches.Clear();
        _stretches.AddRange(merged);
    }

    /// <summary>
    /// How many are missing in the stretches of which that was not known, together: they are one from then on, or none.
    /// </summary>
    public void Settle(string end, string reason, ulong messages)
    {
        List<LedgerMissing> open = _stretches.FindAll(each => each.Messages == 0 && each.End == end && each.Reason == reason);
        _stretches.RemoveAll(open.Contains);
        if (messages == 0 || open.Count == 0)
            return;
        Add(
            end, reason, messages, open.Min(static each => each.FirstLogTime),
            open.Exists(static each => each.LastLogTime == 0) ? 0 : open.Max(static each => each.LastLogTime));
    }

    /// <summary>In order of time.</summary>
    public List<LedgerMissing> InOrder()
    {
        List<LedgerMissing> merged = _stretches;
        ulong gap = GapNs;
        do
        {
            merged = Merge(merged, gap);
            gap *= 2;
        }
        while (merged.Count > StretchesMax && gap < ulong.MaxValue / 4);
        return [.. merged.OrderBy(static stretch => stretch.FirstLogTime)];
    }

    private static List<LedgerMissing> Merge(List<LedgerMissing> stretches, ulong gap)
    {
        List<LedgerMissing> merged = [];
        foreach (LedgerMissing next in stretches
            .OrderBy(static each => each.End, StringComparer.Ordinal)
            .ThenBy(static each => each.Reason, StringComparer.Ordinal)
            .ThenBy(static each => each.Messages == 0)
            .ThenBy(static each => each.FirstLogTime))
        {
            LedgerMissing? before = merged.Count == 0 ? null : merged[^1];
            if (before is null || before.End != next.End || before.Reason != next.Reason
                || (before.Messages == 0) != (next.Messages == 0)
                || (before.LastLogTime != 0 && next.FirstLogTime > before.LastLogTime
                    && next.FirstLogTime - before.LastLogTime > gap))
            {
                merged.Add(next.Clone());
                continue;
            }

            before.Messages += next.Messages;
            before.LastLogTime = before.LastLogTime == 0 || next.LastLogTime == 0
                ? 0
                : Math.Max(before.LastLogTime, next.LastLogTime);
        }

        return merged;
    }
}
