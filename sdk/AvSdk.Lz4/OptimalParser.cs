using System.Runtime.InteropServices;

namespace AvSdk.Lz4;

/// <summary>
/// Chooses the sequences of levels 10 to 12: the cheapest way through a stretch of positions, forward, by dynamic
/// programming.
/// </summary>
/// <remarks>
/// <para>The cost of a place is that of the bytes before it. A match costs the same wherever it lies, so the longest
/// one at a place offers all there is. What is left to write never grows by going one byte on; so a place is of no
/// use if the next one costs no more, and only the others are searched.</para>
/// <para>A stretch ends where no match reaches over a place: every way leads through it, so the choice before it is
/// final. It also ends at a match that is so long that what surrounds it does not matter, and when it is full.</para>
/// </remarks>
internal static class OptimalParser
{
    /// <summary>What the places take.</summary>
    public const int PlaceBytes = 12 * PlaceCount;

    /// <summary>No search from here on, within a stretch.</summary>
    private const int StretchMax = 4096;

    /// <summary>The longest match that is weighed, more than any level asks for.</summary>
    private const int WeighedMax = 4095;

    /// <summary>A match begins below <see cref="StretchMax"/>; one place more is kept free behind its end.</summary>
    private const int PlaceCount = StretchMax + WeighedMax + 1;

    private const int SequenceBytes = 3;

    /// <summary>Writes all sequences but the last; false where they have no room.</summary>
    /// <param name="chains">What to look for matches in.</param>
    /// <param name="writer">Stands at the first position.</param>
    /// <param name="searchEnd">Behind the last position that a match may begin at.</param>
    /// <param name="attempts">How many candidates are looked at for each match.</param>
    /// <param name="enough">A match of this length or more is taken at once.</param>
    /// <param name="workspace"><see cref="PlaceBytes"/> with anything in them.</param>
    public static bool TryCompress(
        ref HashChains chains, ref SequenceWriter writer, nuint searchEnd, int attempts, int enough,
        Span<byte> workspace)
    {
        Span<Place> places = MemoryMarshal.Cast<byte, Place>(workspace)[..PlaceCount];
        nuint enoughBytes = (nuint)Math.Min(enough, WeighedMax + 1);
        nuint position = writer.Anchor;
        while (position < searchEnd)
        {
            Match match = chains.FindLongest(position, HashChains.MatchBytesMin - 1, attempts);
            if (match.IsNone)
            {
                position++;
                continue;
            }

            if (match.Length < enoughBytes)
            {
                places[0] = new Place { Literals = (int)(position - writer.Anchor) };
                places[1].Cost = int.MaxValue;
                int reach = Weigh(places, 0, 0, match);
                int end = Walk(ref chains, places, position, reach, searchEnd, attempts, enoughBytes, out match);
                if (!TryWrite(places, position, end, ref writer))
                    return false;
                position += (nuint)end;
            }

            if (match.Length < enoughBytes)
                continue;
            if (!writer.TryWrite(match))
                return false;
            position = writer.Anchor;
        }

        return true;
    }

    /// <summary>Finds the cheapest way to each place up to where the stretch ends.</summary>
    private static int Walk(
        ref HashChains chains, Span<Place> places, nuint position, int reach, nuint searchEnd, int attempts,
        nuint enough, out Match match)
    {
        match = default;
        PassLiteral(places, 0);
        for (int at = 1; at < reach; at++)
        {
            PassLiteral(places, at);
            int cost = places[at].Cost;
            if (places[at + 1].Cost <= cost || position + (nuint)at >= searchEnd)
                continue;
            if (at >= StretchMax)
                return at;
            int known = at + HashChains.MatchBytesMin - 1;
            while (known < reach && places[known + 1].Cost <= cost + SequenceBytes)
                known++;
            match = chains.FindLongest(position + (nuint)at, (nuint)(known - at), attempts);
            if (match.Length >= enough)
                return at;
            if (!match.IsNone)
                reach = Weigh(places, at, reach, match);
        }

        match = default;
        return reach;
    }

    /// <summary>Goes on by one byte, if that is the cheapest way to there.</summary>
    private static void PassLiteral(Span<Place> places, int at)
    {
        Place place = places[at];
        int literals = place.Literals + 1;
        int cost = place.Cost + 1;
        if (literals >= 15 && (literals - 15) % 255 == 0)
            cost++;
        if (cost < places[at + 1].Cost)
            places[at + 1] = new Place { Cost = cost, Literals = literals, Length = 1 };
    }

    /// <summary>Goes on by each length of a match where that is the cheapest way. Returns the new reach.</summary>
    private static int Weigh(Span<Place> places, int at, int reach, Match match)
    {
        int length = (int)match.Length;
        int end = at + length;
        for (int place = reach + 1; place <= end; place++)
            places[place].Cost = int.MaxValue;
        if (end > reach)
        {
            reach = end;
            places[end + 1].Cost = int.MaxValue;
        }

        int cost = places[at].Cost + SequenceBytes;
        int costly = HashChains.MatchBytesMin + 15;
        for (int bytes = HashChains.MatchBytesMin; bytes <= length; bytes++)
        {
            if (bytes == costly)
            {
                cost++;
                costly += 255;
            }

            ref Place place = ref places[at + bytes];
            if (cost < place.Cost)
                place = new Place { Cost = cost, Length = (ushort)bytes, Offset = (ushort)match.Offset };
        }

        return reach;
    }

    /// <summary>Turns the way to the end round, then writes its matches.</summary>
    private static bool TryWrite(Span<Place> places, nuint position, int end, ref SequenceWriter writer)
    {
        Place step = places[end];
        for (int at = end; at > 0;)
        {
            at -= step.Length;
            (step, places[at]) = (places[at], step);
        }

        for (int at = 0; at < end;)
        {
            Place next = places[at];
            if (next.Offset != 0
                && !writer.TryWrite(new Match(position + (nuint)at, next.Length, next.Offset)))
                return false;
            at += next.Length;
        }

        return true;
    }

    /// <summary>The cheapest way to a position.</summary>
    private struct Place
    {
        /// <summary>The bytes written for all before it.</summary>
        public int Cost;

        /// <summary>How many literals come last.</summary>
        public int Literals;

        /// <summary>How far the last step goes: the length of a match; 1: a literal.</summary>
        public ushort Length;

        /// <summary>The match's offset; 0: a literal.</summary>
        public ushort Offset;
    }
}
