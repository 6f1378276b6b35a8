using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AvSdk.Lz4;

/// <summary>A greedy LZ4 block compressor with one hash table and no chains.</summary>
/// <remarks>
/// <para>All places in the source are positions: distances from a pointer <c>zero</c>, which is the source's
/// first byte less its position. What lies between <c>lowest</c> and the first position is history (linked
/// blocks). Numbers instead of pointers, because table, source and output together would not fit the
/// registers.</para>
/// <para>Rules of the format that the bounds rest on: a match begins at least 12 bytes before the end of the
/// source and ends at least 5 before it; the last sequence is literals only.</para>
/// </remarks>
internal static unsafe class BlockCompressor
{
    public const int MatchOffsetMax = 65535;
    private const uint MatchBytesMin = 4;
    public const int MatchStartMargin = 12;
    public const int LastLiterals = 5;
    private const int SourceBytesMin = MatchStartMargin + 1;
    private const uint LengthMask = 15;

    /// <summary>
    /// What a sequence of up to 14 literals and a short match takes, the least that can follow it included,
    /// with the literals copied as 16 bytes.
    /// </summary>
    private const int ShortSequenceMargin = 32;

    /// <summary>A match of this length is probably much longer.</summary>
    private const int LongMatchBytes = 32;

    /// <summary>After each 2^6 misses in a row the search steps by one byte more.</summary>
    private const int SkipTrigger = 6;

    /// <summary>Compresses a block without history, with a table on the stack.</summary>
    /// <remarks>
    /// Unsafe: the pointers are the pinned spans with their own lengths; the table is cleared here.
    /// </remarks>
    [SkipLocalsInit]
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.IsEmpty)
            return 0;
        byte* table = stackalloc byte[IPositionTable.TableBytes];
        new Span<byte>(table, IPositionTable.TableBytes).Clear();
        fixed (byte* from = source, to = destination)
        {
            Block block = new()
            {
                Zero = from,
                End = (uint)source.Length,
                Destination = to,
                DestinationEnd = to + destination.Length,
            };
            return source.Length <= NarrowTable.SourceBytesMax
                ? Compress<NarrowTable>(in block, table)
                : Compress<WideTable>(in block, table);
        }
    }

    /// <summary>Compresses a block that may refer to the bytes before it.</summary>
    /// <param name="window">History, then the source.</param>
    /// <param name="prefixBytes">How much of the window is history.</param>
    /// <param name="firstPosition">
    /// The position of the source's first byte. Either it equals <paramref name="prefixBytes"/>, or the
    /// prefix has at least 65,535 bytes: with that, a candidate in reach is always inside the window.
    /// </param>
    /// <param name="destination">Where to.</param>
    /// <param name="table">
    /// Filled by the calls for the bytes before; zero at the first. Positions above the source's are not in
    /// it.
    /// </param>
    /// <remarks>Unsafe: the pointers are the pinned spans with their own lengths, checked here.</remarks>
    public static int CompressLinked(
        ReadOnlySpan<byte> window, int prefixBytes, uint firstPosition, Span<byte> destination,
        Span<byte> table)
    {
        if (table.Length != IPositionTable.TableBytes || (uint)prefixBytes > (uint)window.Length
            || firstPosition < (uint)prefixBytes
            || (firstPosition != (uint)prefixBytes && prefixBytes < MatchOffsetMax))
            throw new ArgumentException("The window, its prefix and the position table do not fit together.");
        if (destination.IsEmpty)
            return 0;
        fixed (byte* from = window, to = destination, entries = table)
        {
            Block block = new()
            {
                Zero = from + prefixBytes - firstPosition,
                Lowest = firstPosition - (uint)prefixBytes,
                First = firstPosition,
                End = firstPosition + (uint)(window.Length - prefixBytes),
                Destination = to,
                DestinationEnd = to + destination.Length,
            };
            return Compress<WideTable>(in block, entries);
        }
    }

    /// <summary>The compressor proper; 0 when the destination is too small.</summary>
    /// <remarks>
    /// <para>Unsafe, reads: at a position that is searched or compared at least 11 bytes are left, and 8 are
    /// read. A candidate is older than the position and not below <c>Lowest</c>: the narrow table only ever
    /// holds positions of this source; the wide one is used with a prefix as <see cref="CompressLinked"/>
    /// demands, so what is in reach is in memory. Backward extension stops at <c>Lowest</c>, forward 5 bytes
    /// before the end.</para>
    /// <para>Unsafe, writes: a sequence begins with <see cref="ShortSequenceMargin"/> to spare, or each of
    /// its parts is compared with the room left before it is written.</para>
    /// <para>Fast: everything in the loop is inlined, since one call would cost it its registers.</para>
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Compress<TTable>(in Block block, byte* table)
        where TTable : struct, IPositionTable
    {
        byte* zero = block.Zero;
        byte* op = block.Destination;
        nuint anchor = block.First;
        if (block.End - block.First < SourceBytesMin)
            return FinishWithLiterals(in block, anchor, op);

        nuint searchEnd = block.End - (MatchStartMargin - 1);
        TTable.Put(table, TTable.Hash(LittleEndian.Read64(zero + anchor)), anchor);
        nuint position = anchor + 1;
        nuint hash = TTable.Hash(LittleEndian.Read64(zero + position));

        while (true)
        {
            nuint candidate;
            nuint misses = 1 << SkipTrigger;
            nuint next = position + 1;
            while (true)
            {
                if (next > searchEnd)
                    return FinishWithLiterals(in block, anchor, op);
                candidate = TTable.Get(table, hash);
                TTable.Put(table, hash, position);
                hash = TTable.Hash(LittleEndian.Read64(zero + next));
                if (TTable.IsInReach(position, candidate)
                    && LittleEndian.Read32(zero + candidate) == LittleEndian.Read32(zero + position))
                    break;
                position = next;
                next += misses++ >> SkipTrigger;
            }

            while (position > anchor && candidate > block.Lowest
                && zero[position - 1] == zero[candidate - 1])
            {
                position--;
                candidate--;
            }

            nuint literals = position - anchor;
            byte* token = op;
            if (literals < LengthMask && block.DestinationEnd - op >= ShortSequenceMargin
                && anchor + 16 <= block.End)
            {
                *op++ = (byte)(literals << 4);
                WildCopy.Sixteen(op, zero + anchor);
                op += literals;
            }
            else
            {
                op = WriteLiterals(in block, op, anchor, (uint)literals);
                if (op == null)
                    return 0;
            }

            while (true)
            {
                LittleEndian.Write16(op, (uint)(position - candidate));
                op += 2;
                nuint more = CountEqual(
                    zero + position + MatchBytesMin, zero + candidate + MatchBytesMin,
                    zero + block.End - LastLiterals);
                position += more + MatchBytesMin;
                if (more < LengthMask)
                {
                    *token += (byte)more;
                }
                else
                {
                    *token += (byte)LengthMask;
                    uint rest = (uint)more - LengthMask;
                    if ((rest / 255) + 1 + 1 + LastLiterals > block.DestinationEnd - op)
                        return 0;
                    for (; rest >= 255; rest -= 255)
                        *op++ = 255;
                    *op++ = (byte)rest;
                }

                anchor = position;
                if (position >= searchEnd)
                    return FinishWithLiterals(in block, anchor, op);
                ulong around = LittleEndian.Read64(zero + position - 2);
                TTable.Put(table, TTable.Hash(around), position - 2);
                hash = TTable.Hash(around >> 16);
                candidate = TTable.Get(table, hash);
                TTable.Put(table, hash, position);
                if (!TTable.IsInReach(position, candidate)
                    || LittleEndian.Read32(zero + candidate) != LittleEndian.Read32(zero + position))
                {
                    position++;
                    hash = TTable.Hash(around >> 24);
                    break;
                }

                if (block.DestinationEnd - op < 1 + 2 + 1 + LastLiterals)
                    return 0;
                token = op;
                *op++ = 0;
            }
        }
    }

    /// <summary>
    /// Writes token and literals; null when they, an offset and the last literals have no room.
    /// </summary>
    /// <remarks>
    /// Unsafe: the exact length is compared with the room first; the wild copy is taken only where what it
    /// runs over, up to 31 bytes, is there on both sides.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* WriteLiterals(in Block block, byte* op, nuint anchor, uint literals)
    {
        if (literals + (literals / 255) + 1 + 2 + 1 + LastLiterals > block.DestinationEnd - op)
            return null;
        if (literals < LengthMask)
        {
            *op++ = (byte)(literals << 4);
        }
        else
        {
            *op++ = (byte)(LengthMask << 4);
            uint rest = literals - LengthMask;
            for (; rest >= 255; rest -= 255)
                *op++ = 255;
            *op++ = (byte)rest;
        }

        byte* from = block.Zero + anchor;
        byte* end = op + literals;
        if (anchor + literals + 32 <= block.End && block.DestinationEnd - end >= 32)
        {
            WildCopy.Long(op, from, literals);
            return end;
        }

        for (; end - op >= 8; op += 8, from += 8)
            Unsafe.WriteUnaligned(op, Unsafe.ReadUnaligned<ulong>(from));
        while (op < end)
            *op++ = *from++;
        return end;
    }

    /// <summary>How many bytes are equal from here on.</summary>
    /// <remarks>
    /// Unsafe: each load is behind a comparison with <paramref name="end"/>; <paramref name="match"/> is the
    /// lower of the two.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static nuint CountEqual(byte* ip, byte* match, byte* end)
    {
        byte* start = ip;
        while (end - ip >= 8)
        {
            ulong difference = LittleEndian.Read64(ip) ^ LittleEndian.Read64(match);
            if (difference != 0)
                return (nuint)(ip - start) + ((nuint)BitOperations.TrailingZeroCount(difference) >> 3);
            ip += 8;
            match += 8;
            if (ip - start != LongMatchBytes)
                continue;
            while (end - ip >= 32 && Vector256.Load(ip) == Vector256.Load(match))
            {
                ip += 32;
                match += 32;
            }
        }

        for (; ip < end && *ip == *match; match++)
            ip++;
        return (nuint)(ip - start);
    }

    /// <summary>Ends the block; 0 when its last literals have no room.</summary>
    /// <remarks>Unsafe: the exact length is compared with the room before a byte is written.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int FinishWithLiterals(
        in Block block, nuint anchor, byte* op)
    {
        uint literals = (uint)(block.End - anchor);
        uint rest = literals - LengthMask;
        long lengthBytes = literals < LengthMask ? 0 : (rest / 255) + 1;
        if (1 + lengthBytes + literals > block.DestinationEnd - op)
            return 0;
        *op++ = (byte)(Math.Min(literals, LengthMask) << 4);
        if (literals >= LengthMask)
        {
            for (; rest >= 255; rest -= 255)
                *op++ = 255;
            *op++ = (byte)rest;
        }

        Unsafe.CopyBlockUnaligned(op, block.Zero + anchor, literals);
        return (int)(op + literals - block.Destination);
    }

    /// <summary>
    /// What is compressed: positions from <c>First</c> to <c>End</c>, history from <c>Lowest</c>.
    /// </summary>
    private struct Block
    {
        public byte* Destination;
        public byte* DestinationEnd;
        public byte* Zero;
        public nuint Lowest;
        public nuint First;
        public nuint End;
    }
}
