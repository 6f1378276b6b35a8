using System.Runtime.CompilerServices;

namespace AvSdk.Lz4;

/// <summary>Matches each of which overlaps the end of the one before, and the cheapest choice among them.</summary>
/// <remarks>
/// Starts and ends both rise. A sequence costs three bytes and those of a great length, a literal costs one; the
/// offset does not matter. So the choice is a shortest path: over the matches in order, where the next one chosen
/// begins where the one before ends, or later with literals between, and what both hold is divided so that the
/// lengths take few bytes.
/// </remarks>
/// <param name="searchEnd">No match may begin here or behind, even if it is cut short at its front.</param>
internal struct MatchGroup(nuint searchEnd)
{
    private const int CountMax = 16;
    private const uint SequenceBytes = 3;

    /// <summary>The longest match whose length fits into its field of the token.</summary>
    public const uint ShortMatchBytes = 18;

    private Matches _matches;
    private Steps _steps;
    private int _count;

    public readonly bool IsFull => _count == CountMax;

    public void Start(Match match)
    {
        _matches[0] = match;
        _count = 1;
    }

    /// <summary>Adds a match that ends behind the last one; what it holds wholly is no longer needed.</summary>
    public void Add(Match match)
    {
        while (_count > 0 && _matches[_count - 1].Start >= match.Start)
            _count--;
        _matches[_count++] = match;
    }

    /// <summary>Writes the cheapest choice; false where it has no room.</summary>
    public bool TryWrite(ref SequenceWriter writer)
    {
        if (_count == 1)
            return writer.TryWrite(_matches[0]);
        int chosen = Choose();
        return TryWrite(chosen, _matches[chosen].End, ref writer);
    }

    private bool TryWrite(int chosen, nuint end, ref SequenceWriter writer)
    {
        Step step = _steps[chosen];
        if (step.Before >= 0 && !TryWrite(step.Before, step.Cut, ref writer))
            return false;
        return writer.TryWrite(_matches[chosen] with { Start = step.Begin, Length = end - step.Begin });
    }

    /// <summary>Finds the best way to each match; returns the last one of the best way to the end.</summary>
    private int Choose()
    {
        nuint start = _matches[0].Start;
        nuint end = _matches[_count - 1].End;
        int last = 0;
        nuint least = nuint.MaxValue;
        for (int next = 0; next < _count; next++)
        {
            Match match = _matches[next];
            Step best = new(-1, match.Start, match.Start, match.Start - start);
            for (int before = 0; before < next; before++)
                Compare(before, match, ref best);
            _steps[next] = best;
            nuint cost = best.Cost + Bytes(match.End - best.Begin) + (end - match.End);
            if (cost > least)
                continue;
            least = cost;
            last = next;
        }

        return last;
    }

    private readonly void Compare(int before, Match match, ref Step best)
    {
        Step step = _steps[before];
        nuint beforeEnd = _matches[before].End;
        nuint begin = match.Start;
        nuint cut = beforeEnd;
        if (cut > begin)
        {
            nuint low = Math.Max(begin, step.Begin + HashChains.MatchBytesMin);
            nuint high = Math.Min(Math.Min(beforeEnd, searchEnd - 1), match.End - HashChains.MatchBytesMin);
            if (low > high)
                return;
            cut = begin = Math.Clamp(step.Begin + ShortMatchBytes, low, high);
        }

        nuint cost = step.Cost + Bytes(cut - step.Begin) + (begin - cut);
        if (cost < best.Cost)
            best = new Step(before, begin, cut, cost);
    }

    private static nuint Bytes(nuint matchBytes) =>
        SequenceBytes + SequenceWriter.LengthBytes(matchBytes - HashChains.MatchBytesMin);

    /// <summary>How a match is reached.</summary>
    /// <param name="Before">The match chosen before it; -1: none.</param>
    /// <param name="Begin">Where it begins then, at its start or behind.</param>
    /// <param name="Cut">Where the one before ends.</param>
    /// <param name="Cost">The bytes of everything before <paramref name="Begin"/>.</param>
    private readonly record struct Step(int Before, nuint Begin, nuint Cut, nuint Cost);

    [InlineArray(CountMax)]
    private struct Matches
    {
        private Match _first;
    }

    [InlineArray(CountMax)]
    private struct Steps
    {
        private Step _first;
    }
}
