using System.Collections.Immutable;

namespace AvSdk.Recording.Spool;

/// <summary>
/// The windows of marks, log times in ns, both ends inclusive; windows that overlap or touch are one. One thread changes
/// them at a time, any number read.
/// </summary>
internal sealed class MarkWindows
{
    private readonly Dictionary<Guid, (ulong First, ulong Last)> _marks = [];
    private ImmutableArray<(ulong First, ulong Last)> _merged = [];

    public int Count => _marks.Count;

    /// <summary>In order of time, disjoint.</summary>
    public ImmutableArray<(ulong First, ulong Last)> Merged => _merged;

    public IEnumerable<KeyValuePair<Guid, (ulong First, ulong Last)>> Marks => _marks;

    /// <summary>False: it is known already.</summary>
    public bool Add(Guid id, ulong first, ulong last)
    {
        if (!_marks.TryAdd(id, (first, last)))
            return false;
        Merge();
        return true;
    }

    public bool Contains(Guid id) => _marks.ContainsKey(id);

    public void Remove(IEnumerable<Guid> ids)
    {
        foreach (Guid id in ids)
            _marks.Remove(id);
        Merge();
    }

    /// <summary>Whether something of these times is in a window.</summary>
    public bool Overlap(ulong first, ulong last) => IndexOf(first, last) >= 0;

    /// <summary>The merged window that overlaps these times first, its index; -1: none does.</summary>
    public int IndexOf(ulong first, ulong last)
    {
        ImmutableArray<(ulong First, ulong Last)> merged = _merged;
        int at = FirstEndingAtOrAfter(merged, first);
        return at < merged.Length && merged[at].First <= last ? at : -1;
    }

    /// <summary>The end of the first window that is not over at a time; the largest number: there is none.</summary>
    public ulong EndAfter(ulong logTime)
    {
        ImmutableArray<(ulong First, ulong Last)> merged = _merged;
        int at = FirstEndingAtOrAfter(merged, logTime);
        return at < merged.Length ? merged[at].Last : ulong.MaxValue;
    }

    private void Merge()
    {
        List<(ulong First, ulong Last)> merged = [];
        foreach ((ulong first, ulong last) in _marks.Values.Order())
        {
            if (merged.Count > 0 && (first <= merged[^1].Last || first - merged[^1].Last == 1))
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            else
                merged.Add((first, last));
        }

        ImmutableInterlocked.InterlockedExchange(ref _merged, [.. merged]);
    }

    private static int FirstEndingAtOrAfter(ImmutableArray<(ulong First, ulong Last)> merged, ulong time)
    {
        int low = 0;
        int high = merged.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (merged[middle].Last < time)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
