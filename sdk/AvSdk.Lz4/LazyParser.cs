namespace AvSdk.Lz4;

/// <summary>
/// Chooses the sequences of levels 3 to 9: from each match a longer one is looked for that overlaps its end, and from
/// such a group the cheapest are taken.
/// </summary>
internal static class LazyParser
{
    /// <summary>A longer match must hold as many bytes before the end of the one at hand.</summary>
    private const uint Overlap = 2;

    /// <summary>Writes all sequences but the last; false where they have no room.</summary>
    /// <param name="chains">What to look for matches in.</param>
    /// <param name="writer">Stands at the first position.</param>
    /// <param name="searchEnd">Behind the last position that a match may begin at.</param>
    /// <param name="attempts">How many candidates are looked at for each match.</param>
    public static bool TryCompress(
        ref HashChains chains, ref SequenceWriter writer, nuint searchEnd, int attempts)
    {
        MatchGroup group = new(searchEnd);
        nuint position = writer.Anchor;
        while (position < searchEnd)
        {
            Match match = chains.Find(position, position, HashChains.MatchBytesMin - 1, attempts);
            if (match.IsNone)
            {
                position++;
                continue;
            }

            group.Start(match);
            nuint own = match.Length;
            while (match.End - Overlap < searchEnd && !group.IsFull)
            {
                Match longer = chains.Find(match.End - Overlap, writer.Anchor, own, attempts);
                if (longer.IsNone)
                    break;
                group.Add(longer);
                own = OwnBytes(match, longer);
                match = longer;
            }

            if (!group.TryWrite(ref writer))
                return false;
            position = writer.Anchor;
        }

        return true;
    }

    /// <summary>
    /// What a match holds that the one before it does not, if that stays as long as its field allows: to have more
    /// than that is enough for the next.
    /// </summary>
    private static nuint OwnBytes(Match before, Match match)
    {
        nuint own = match.End - Math.Min(before.End, before.Start + MatchGroup.ShortMatchBytes);
        return before.Start < match.Start && own >= HashChains.MatchBytesMin ? Math.Min(own, match.Length) : match.Length;
    }
}
