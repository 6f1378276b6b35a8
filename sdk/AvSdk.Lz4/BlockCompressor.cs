using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AvSdk.Lz4;

/// <summary>A greedy LZ4 block compressor with one hash table and no chains.</summary>
/// <remarks>
/// <para>Positions are 32-bit numbers; the source's first byte has <c>firstPosition</c>, and the
/// <c>prefixBytes</c> before it in memory are history (linked blocks).</para>
/// <para>Rules of the format that the bounds rest on: a match begins at least 12 bytes before the end of the
/// source and ends at least 5 before it; the last sequence is literals only.</para>
/// </remarks>
internal static unsafe class BlockCompressor
{
    public const int MatchOffsetMax = 65535;
    private const int MatchBytesMin = 4;
    private const int MatchStartMargin = 12;
    private const int LastLiterals = 5;
    private const int SourceBytesMin = MatchStartMargin + 1;
    private const int CopyBytes = 32;

    /// <summary>
    /// After this many misses (as a power of two) in a row the search steps by one byte more.
    /// </summary>
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
            return source.Length <= NarrowTable.SourceBytesMax
                ? Compress<NarrowTable>(from, source.Length, 0, 0, to, destination.Length, table)
                : Compress<WideTable>(from, source.Length, 0, 0, to, destination.Length, table);
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
    /// <remarks>Unsafe: the pointers are the pinned spans with their own lengths, checked below.</remarks>
    public static int CompressLinked(
        ReadOnlySpan<byte> window, int prefixBytes, uint firstPosition, Span<byte> destination,
        Span<byte> table)
    {
        if (table.Length != IPositionTable.TableBytes || (uint)prefixBytes > (uint)window.Length
            || (firstPosition != (uint)prefixBytes && prefixBytes < MatchOffsetMax))
            throw new ArgumentException("The window, its prefix and the position table do not fit together.");
        if (destination.IsEmpty)
            return 0;
        fixed (byte* from = window, to = destination, entries = table)
        {
            return Compress<WideTable>(
                from + prefixBytes, window.Length - prefixBytes, firstPosition, prefixBytes,
                to, destination.Length, entries);
        }
    }

    /// <summary>The compressor proper; 0 when the destination is too small.</summary>
    /// <remarks>
    /// <para>Unsafe, reads: hashes and comparisons touch 8 bytes at <c>ip</c> at most 11 bytes before the
    /// end. A candidate is older than <c>ip</c> and not before the prefix: the narrow table only ever holds
    /// positions of this source; the wide one is used with a prefix as <see cref="CompressLinked"/> demands,
    /// so what is in reach is in memory. Backward extension stops at <c>lowest</c>, forward at
    /// <c>matchEnd</c>.</para>
    /// <para>Unsafe, writes: before each part of a sequence the room left is compared with its exact length;
    /// a copy that overshoots is taken only with <c>CopyBytes</c> to spare on both sides.</para>
    /// </remarks>
    private static int Compress<TTable>(
        byte* source, int sourceBytes, uint firstPosition, int prefixBytes,
        byte* destination, int destinationBytes, byte* table)
        where TTable : struct, IPositionTable
    {
        byte* op = destination;
        byte* anchor = source;
        byte* sourceEnd = source + sourceBytes;
        byte* destinationEnd = destination + destinationBytes;
        if (sourceBytes < SourceBytesMin)
            return FinishWithLiterals(anchor, sourceEnd, op, destination, destinationEnd);

        byte* searchEnd = sourceEnd - (MatchStartMargin - 1);
        byte* matchEnd = sourceEnd - LastLiterals;
        byte* lowest = source - prefixBytes;
        byte* zero = source - firstPosition;
        byte* ip = source;
        TTable.Put(table, TTable.Hash(ip), firstPosition);
        ip++;
        uint hash = TTable.Hash(ip);

        while (true)
        {
            byte* next = ip;
            byte* match;
            int step = 1;
            int misses = 1 << SkipTrigger;
            uint position;
            uint candidate;
            do
            {
                ip = next;
                next += step;
                step = misses++ >> SkipTrigger;
                if (next > searchEnd)
                    return FinishWithLiterals(anchor, sourceEnd, op, destination, destinationEnd);
                position = (uint)(ip - zero);
                candidate = TTable.Get(table, hash);
                match = zero + candidate;
                uint nextHash = TTable.Hash(next);
                TTable.Put(table, hash, position);
                hash = nextHash;
            }
            while (!TTable.IsInReach(position, candidate)
                || LittleEndian.Read32(match) != LittleEndian.Read32(ip));

            while (ip > anchor && match > lowest && ip[-1] == match[-1])
            {
                ip--;
                match--;
            }

            uint literals = (uint)(ip - anchor);
            long room = destinationEnd - op;
            if (literals + (literals / 255) + 1 + 2 + 1 + LastLiterals > room)
                return 0;
            byte* token = op++;
            op = WriteLiterals(token, op, anchor, literals, sourceEnd, destinationEnd);

            while (true)
            {
                LittleEndian.Write16(op, (uint)(ip - match));
                op += 2;
                uint more = CountEqual(ip + MatchBytesMin, match + MatchBytesMin, matchEnd);
                ip += MatchBytesMin + more;
                if (more >= 15)
                {
                    if ((more / 255) + 1 + 1 + LastLiterals > destinationEnd - op)
                        return 0;
                    *token += 15;
                    op = WriteLength(op, more - 15);
                }
                else
                {
                    *token += (byte)more;
                }

                anchor = ip;
                if (ip >= searchEnd)
                    return FinishWithLiterals(anchor, sourceEnd, op, destination, destinationEnd);
                TTable.Put(table, TTable.Hash(ip - 2), (uint)(ip - 2 - zero));
                hash = TTable.Hash(ip);
                position = (uint)(ip - zero);
                candidate = TTable.Get(table, hash);
                match = zero + candidate;
                TTable.Put(table, hash, position);
                if (!TTable.IsInReach(position, candidate)
                    || LittleEndian.Read32(match) != LittleEndian.Read32(ip))
                    break;
                if (destinationEnd - op < 1 + 2 + 1 + LastLiterals)
                    return 0;
                token = op++;
                *token = 0;
            }

            ip++;
            hash = TTable.Hash(ip);
        }
    }

    /// <summary>Writes the token's literal half, the further length bytes and the literals.</summary>
    /// <remarks>
    /// Unsafe: the caller has made sure of the exact length at <paramref name="op"/>; the copy by vectors
    /// runs only where <c>CopyBytes</c> more can be read and written.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* WriteLiterals(
        byte* token, byte* op, byte* from, uint literals, byte* sourceEnd, byte* destinationEnd)
    {
        if (literals >= 15)
        {
            *token = 15 << 4;
            op = WriteLength(op, literals - 15);
        }
        else
        {
            *token = (byte)(literals << 4);
        }

        if (sourceEnd - from >= literals + CopyBytes && destinationEnd - op >= literals + CopyBytes)
        {
            byte* end = op + literals;
            byte* to = op;
            Vector128.Store(Vector128.Load(from), to);
            if (literals > 16)
            {
                do
                {
                    from += 16;
                    to += 16;
                    Vector128.Store(Vector128.Load(from), to);
                }
                while (to + 16 < end);
            }

            return end;
        }

        Unsafe.CopyBlockUnaligned(op, from, literals);
        return op + literals;
    }

    /// <summary>
    /// Writes what a four-bit field could not hold. Unsafe: the caller has checked the room.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* WriteLength(byte* op, uint rest)
    {
        while (rest >= 255)
        {
            *op++ = 255;
            rest -= 255;
        }

        *op++ = (byte)rest;
        return op;
    }

    /// <summary>How many bytes are equal from here on.</summary>
    /// <remarks>
    /// Unsafe: reads stay below <paramref name="end"/>; <paramref name="match"/> is the lower one.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint CountEqual(byte* ip, byte* match, byte* end)
    {
        byte* start = ip;
        while (ip + 8 <= end)
        {
            ulong difference = LittleEndian.Read64(ip) ^ LittleEndian.Read64(match);
            if (difference != 0)
                return (uint)(ip - start) + ((uint)BitOperations.TrailingZeroCount(difference) >> 3);
            ip += 8;
            match += 8;
        }

        while (ip < end && *ip == *match)
        {
            ip++;
            match++;
        }

        return (uint)(ip - start);
    }

    /// <summary>
    /// Ends the block. Unsafe: the exact length is compared with the room before a byte is written.
    /// </summary>
    private static int FinishWithLiterals(
        byte* anchor, byte* sourceEnd, byte* op, byte* destination, byte* destinationEnd)
    {
        uint literals = (uint)(sourceEnd - anchor);
        long lengthBytes = literals < 15 ? 0 : ((literals - 15) / 255) + 1;
        if (1 + lengthBytes + literals > destinationEnd - op)
            return 0;
        byte* token = op++;
        if (literals >= 15)
        {
            *token = 15 << 4;
            op = WriteLength(op, literals - 15);
        }
        else
        {
            *token = (byte)(literals << 4);
        }

        Unsafe.CopyBlockUnaligned(op, anchor, literals);
        return (int)(op + literals - destination);
    }
}
