namespace AvSdk.Lz4;

/// <summary>Chooses the sequences of levels 3 to 9: the longest match, unless a longer one overlaps it.</summary>
/// <remarks>
/// A sequence costs three bytes besides its literals, a literal one, wherever the match lies. So where a longer
/// match begins at most three bytes into the one at hand, those bytes are cheaper as literals; where it begins
/// later, the one at hand is cut short; and one that only fills a gap of up to three bytes between its
/// neighbours is left out.
/// </remarks>
internal static class LazyParser
{
    private const uint LiteralsForAMatch = 3;

    /// <summary>The longest match whose length fits into its field of the token.</summary>
    private const uint ShortMatchBytes = 18;

    /// <summary>Writes all sequences; false where they have no room.</summary>
    /// <param name="chains">What to look for matches in.</param>
    /// <param name="writer">Stands at the first position.</param>
    /// <param name="searchEnd">Behind the last position that a match may begin at.</param>
    /// <param name="attempts">How many candidates are looked at for each match.</param>
    public static bool TryCompress(
        ref HashChains chains, ref SequenceWriter writer, nuint searchEnd, int attempts)
    {
        nuint position = writer.Anchor;
        while (position < searchEnd)
        {
            Match match = chains.Find(position, position, HashChains.MatchBytesMin - 1, attempts);
            if (match.IsNone)
            {
                position++;
                continue;
            }

            Match before = default;
            while (match.End - 2 < searchEnd)
            {
                Match wider = chains.Find(match.End - 2, match.Start + 1, match.Length, attempts);
                if (wider.IsNone)
                    break;
                nuint free = before.IsNone ? match.Start : Math.Max(match.Start, before.End);
                if (wider.Start > free + LiteralsForAMatch)
                {
                    if (!before.IsNone)
                    {
                        Share(ref before, ref match);
                        if (!writer.TryWrite(before))
                            return false;
                    }

                    before = match;
                }

                match = wider;
            }

            if (!before.IsNone)
            {
                Share(ref before, ref match);
                if (!writer.TryWrite(before))
                    return false;
            }

            if (!writer.TryWrite(match))
                return false;
            position = writer.Anchor;
        }

        return true;
    }

    /// <summary>Divides what two matches both hold so that their lengths take few bytes.</summary>
    private static void Share(ref Match before, ref Match match)
    {
        if (before.End <= match.Start)
            return;
        nuint length = match.Start - before.Start;
        if (length < ShortMatchBytes)
        {
            nuint more = Math.Min(before.End, before.Start + ShortMatchBytes) - match.Start;
            if (match.Length > ShortMatchBytes && match.Length - more >= HashChains.MatchBytesMin)
            {
                match = new Match(match.Start + more, match.Length - more, match.Offset);
                length += more;
            }
        }

        before = before with { Length = length };
    }
}
