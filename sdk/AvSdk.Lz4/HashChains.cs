using System.Runtime.CompilerServices;

namespace AvSdk.Lz4;

/// <summary>
/// All earlier places of four bytes, latest first: what the high levels look for matches in.
/// </summary>
/// <remarks>
/// <para>A head for each hash is the latest position with it; a link for each position, by its low 16 bits, is
/// the distance to the one before. Heads that are zero are out of reach, since no position is below 65,536;
/// links are never read for a position that was not entered, or then lead to a candidate that is tested like
/// any other.</para>
/// <para>Unsafe: <c>Zero</c> is the window's first byte less its position, the tables are the two parts of
/// the workspace. A hash has 15 bits and a link's index 16: no access leaves the tables. A candidate is only
/// read while its distance is from 1 to the position less <c>Lowest</c>, whatever the tables hold.</para>
/// </remarks>
internal unsafe struct HashChains
{
    public const int MatchBytesMin = 4;
    public const int TableBytes = HeadBytes + LinkBytes;
    public const int HeadBytes = sizeof(uint) << HashBits;
    private const int LinkBytes = sizeof(ushort) << 16;
    private const int HashBits = 15;

    /// <summary>Below so many further candidates it is quicker to look at all of a run.</summary>
    private const int RunAttemptsMin = 16;

    /// <summary>How many groups of a match are asked for their links.</summary>
    private const uint LeapGroupsMax = 64;

    /// <summary>The byte at position p is <c>Zero[p]</c>.</summary>
    public byte* Zero;

    /// <summary>The first position that is in memory.</summary>
    public nuint Lowest;

    /// <summary>Matches end here: 5 bytes before the end of the block.</summary>
    public nuint MatchEnd;

    /// <summary>The first position that is not entered yet.</summary>
    public nuint Entered;

    private readonly uint* _heads;
    private readonly ushort* _links;

    /// <param name="tables"><see cref="TableBytes"/> that stay where they are.</param>
    public HashChains(byte* tables)
    {
        _heads = (uint*)tables;
        _links = (ushort*)(tables + HeadBytes);
    }

    /// <summary>Looks for a match around a position that is longer than what there is.</summary>
    /// <param name="position">At least 12 bytes before the end of the block; not below what is entered.
    /// </param>
    /// <param name="low">How far back the match may begin; the position itself or below.</param>
    /// <param name="longest">
    /// The length to exceed: at least 3, and at least 3 more than from <paramref name="low"/> to the
    /// position.
    /// </param>
    /// <param name="attempts">How many candidates are looked at, at least 1.</param>
    /// <returns>The match; of length 0 if there is none.</returns>
    /// <remarks>
    /// Unsafe: 4 bytes are read at the position; a match that is longer than <c>longest</c> holds the byte at
    /// <c>low + longest</c>, which is before <c>MatchEnd</c> or no match can be that long. Backward extension
    /// stops at <c>low</c> and <c>Lowest</c>, forward at <c>MatchEnd</c>.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Match Find(nuint position, nuint low, nuint longest, int attempts)
    {
        Match best = default;
        byte* at = Zero + position;
        if (low + longest >= MatchEnd)
            return best;
        Enter(position + 1);
        ushort* links = _links;
        nuint distance = links[(ushort)position];
        uint index = (ushort)(position - distance);
        nuint reach = Math.Min(position - Lowest, BlockCompressor.MatchOffsetMax);
        byte* tail = at + Probe(position, low + longest);
        while (distance - 1 < reach)
        {
            byte* match = at - distance;
            if (LittleEndian.Read16(tail - distance) == LittleEndian.Read16(tail)
                && LittleEndian.Read32(match) == LittleEndian.Read32(at))
            {
                nuint forward = MatchBytesMin + BlockCompressor.CountEqual(
                    at + MatchBytesMin, match + MatchBytesMin, Zero + MatchEnd);
                nuint back = 0;
                nuint backMax = Math.Min(position - low, position - distance - Lowest);
                while (back < backMax && at[-1 - (nint)back] == match[-1 - (nint)back])
                    back++;
                if (forward + back > longest)
                {
                    longest = forward + back;
                    best = new Match(position - back, longest, distance);
                    if (low + longest >= MatchEnd)
                        break;
                    tail = at + Probe(position, low + longest);
                }
            }

            if (--attempts == 0)
                break;
            uint link = links[index];
            if (link == 1 && attempts >= RunAttemptsMin)
                link = RunStep(position, distance);
            index = (ushort)(index - link);
            distance += link;
        }

        return best;
    }

    /// <summary>Looks for the longest match that begins at a position and is longer than what there is.</summary>
    /// <param name="position">As above.</param>
    /// <param name="longest">The length to exceed, at least 3.</param>
    /// <param name="attempts">As above.</param>
    /// <returns>The match; of length 0 if there is none.</returns>
    /// <remarks>
    /// <para>A match that is longer than <c>longest</c> shares each of the four-byte groups that lie in it with the
    /// text at the position, so it lies on the chain of each of them. The search follows the one that leads
    /// farthest: nothing nearer can be on all.</para>
    /// <para>Unsafe: as above; groups are entered ahead only where 4 bytes are before the end.</para>
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Match FindLongest(nuint position, nuint longest, int attempts)
    {
        nuint bestDistance = 0;
        if (position + longest >= MatchEnd)
            return default;
        Enter(position + longest - 2);
        ushort* links = _links;
        byte* at = Zero + position;
        nuint reach = Math.Min(position - Lowest, BlockCompressor.MatchOffsetMax);
        byte* tail = at + longest - 1;
        uint index = (ushort)position;
        nuint distance = Leap(links, ref index, longest - MatchBytesMin + 2);
        while (distance - 1 < reach)
        {
            byte* match = at - distance;
            if (LittleEndian.Read16(tail - distance) == LittleEndian.Read16(tail)
                && LittleEndian.Read32(match) == LittleEndian.Read32(at))
            {
                nuint length = MatchBytesMin + BlockCompressor.CountEqual(
                    at + MatchBytesMin, match + MatchBytesMin, Zero + MatchEnd);
                if (length > longest)
                {
                    longest = length;
                    bestDistance = distance;
                    if (position + longest >= MatchEnd || --attempts <= 0)
                        break;
                    Enter(position + longest - 2);
                    tail = at + longest - 1;
                    index = (ushort)(position - distance);
                    distance += Leap(links, ref index, longest - MatchBytesMin + 1);
                    continue;
                }
            }

            if (--attempts <= 0)
                break;
            uint link = links[index];
            if (link == 1 && index == (ushort)(position - distance))
                link = RunStep(position, distance);
            index = (ushort)(index - link);
            distance += link;
        }

        return bestDistance == 0 ? default : new Match(position, longest, bestDistance);
    }

    /// <summary>
    /// The longest link of the groups in a match. The index comes in as that of the match, and leaves as that of the
    /// group at the place where its link leads.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Leap(ushort* links, ref uint index, nuint groups)
    {
        uint from = index;
        uint link = 0;
        groups = Math.Min(groups, LeapGroupsMax);
        for (uint group = 0; group < groups; group++)
        {
            uint groupLink = links[(ushort)(from + group)];
            if (groupLink <= link)
                continue;
            link = groupLink;
            index = from + group;
        }

        index = (ushort)(index - link);
        return link;
    }

    /// <summary>How far the next candidate is from one that lies in a run of one byte.</summary>
    /// <remarks>
    /// All of a run are candidates, but only two are worth a look: where as much of it is left as at the position,
    /// and its start. Unsafe: the candidate was read before; the spans end at <c>MatchEnd</c> and begin at
    /// <c>Lowest</c>.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly uint RunStep(nuint position, nuint distance)
    {
        byte* match = Zero + position - distance;
        byte value = *match;
        if (LittleEndian.Read32(match) != value * 0x01010101u)
            return 1;
        int left = (int)(MatchEnd - position);
        int run = RunBytes(Zero + position, left);
        int matchRun = RunBytes(match, left);
        nuint beforeBytes = Math.Min(position - distance - Lowest, BlockCompressor.MatchOffsetMax);
        ReadOnlySpan<byte> before = new(match - beforeBytes, (int)beforeBytes);
        int back = before.Length - 1 - before.LastIndexOfAnyExcept(value);
        return (uint)Math.Max(1, matchRun < run ? Math.Min(back, run - matchRun) : back);
    }

    private static int RunBytes(byte* from, int bytes)
    {
        int run = new ReadOnlySpan<byte>(from, bytes).IndexOfAnyExcept(*from);
        return run < 0 ? bytes : run;
    }

    /// <summary>Enters all positions below the given one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter(nuint end)
    {
        byte* zero = Zero;
        uint* heads = _heads;
        ushort* links = _links;
        for (nuint at = Entered; at < end; at++)
        {
            nuint hash = Hash(LittleEndian.Read32(zero + at));
            nuint distance = at - heads[hash];
            nint tooFar = (nint)(BlockCompressor.MatchOffsetMax - distance) >> (sizeof(nint) * 8 - 1);
            links[(ushort)at] = (ushort)(distance | (nuint)tooFar);
            heads[hash] = (uint)at;
        }

        Entered = Math.Max(Entered, end);
    }

    /// <summary>
    /// Where, from the position on, two bytes lie that every match holds that ends behind the given place.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Probe(nuint position, nuint end) => end > position ? end - 1 - position : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Hash(uint next) => (next * 0x9E3779B1u) >> (32 - HashBits);
}
