using System.Runtime.InteropServices;

namespace AvSdk.Recording.Spool;

/// <summary>A set of chunk sequences, kept as ranges: chunks end nearly in order, so there are few.</summary>
internal sealed class SequenceRanges
{
    private readonly List<(ulong First, ulong Last)> _ranges = [];

    /// <summary>In order, not touching one another.</summary>
    public IReadOnlyList<(ulong First, ulong Last)> Ranges => _ranges;

    /// <summary>The largest; 0: the set is empty.</summary>
    public ulong Last => _ranges.Count == 0 ? 0 : _ranges[^1].Last;

    public bool Contains(ulong sequence)
    {
        int at = FirstEndingAtOrAfter(sequence);
        return at < _ranges.Count && _ranges[at].First <= sequence;
    }

    public void Add(ulong first, ulong last)
    {
        // Those that overlap or touch [first, last] become one with it.
        int at = FirstEndingAtOrAfter(first == 0 ? 0 : first - 1);
        int end = at;
        while (end < _ranges.Count && (last == ulong.MaxValue || _ranges[end].First <= last + 1))
        {
            first = Math.Min(first, _ranges[end].First);
            last = Math.Max(last, _ranges[end].Last);
            end++;
        }

        if (end > at)
        {
            _ranges[at] = (first, last);
            _ranges.RemoveRange(at + 1, end - at - 1);
        }
        else
        {
            _ranges.Insert(at, (first, last));
        }
    }

    private int FirstEndingAtOrAfter(ulong sequence)
    {
        ReadOnlySpan<(ulong First, ulong Last)> ranges = CollectionsMarshal.AsSpan(_ranges);
        int low = 0;
        int high = ranges.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ranges[middle].Last < sequence)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
