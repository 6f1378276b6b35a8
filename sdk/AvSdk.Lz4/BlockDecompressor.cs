using System.Runtime.CompilerServices;

namespace AvSdk.Lz4;

/// <summary>
/// The LZ4 block decoder: a fast loop while both ends are far away, one exact step for what it cannot take.
/// </summary>
internal static unsafe class BlockDecompressor
{
    private const uint MatchBytesMin = 4;
    private const uint LengthMask = 15;

    /// <summary>A token, 16 bytes copied for up to 14 literals, and the offset behind them.</summary>
    private const int SourceMargin = 1 + 16 + 2;

    /// <summary>Up to 14 literals, then a short match of up to 18 bytes, copied with up to 32.</summary>
    private const int DestinationMargin = 14 + 32;

    /// <summary>Long copies take 32 bytes at a time, so they may run up to 31 over.</summary>
    private const int CopyMargin = 32;

    /// <summary>Decompresses a block behind the bytes it may refer to.</summary>
    /// <param name="source">The whole block.</param>
    /// <param name="window">Earlier content, then the room for this block's.</param>
    /// <param name="prefixBytes">How much of the window is earlier content.</param>
    /// <param name="dictionary">What comes before the window's content; may be empty.</param>
    /// <param name="written">The bytes decoded behind the prefix; 0 on failure.</param>
    /// <remarks>Unsafe: the pointers are the pinned spans with their own lengths.</remarks>
    public static Lz4Result Decompress(
        ReadOnlySpan<byte> source, Span<byte> window, int prefixBytes, ReadOnlySpan<byte> dictionary,
        out int written)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            (uint)prefixBytes, (uint)window.Length, nameof(prefixBytes));
        fixed (byte* from = source, to = window, dictionaryStart = dictionary)
        {
            Decoding decoding = new()
            {
                Ip = from,
                Op = to + prefixBytes,
                Source = from,
                SourceEnd = from + source.Length,
                Window = to,
                Destination = to + prefixBytes,
                DestinationEnd = to + window.Length,
                DictionaryEnd = dictionaryStart + dictionary.Length,
                DictionaryBytes = dictionary.Length,
            };
            do
            {
                FastSequences(ref decoding);
            }
            while (ExactSequence(ref decoding));
            written = decoding.Failure.IsOk ? (int)(decoding.Op - decoding.Destination) : 0;
            return decoding.Failure;
        }
    }

    /// <summary>Decodes sequences until one comes near an end of source or destination, or is odd.</summary>
    /// <remarks>
    /// <para>Unsafe. At the loop's head <see cref="SourceMargin"/> bytes can be read and
    /// <see cref="DestinationMargin"/> written, which covers a sequence with up to 14 literals and a match of
    /// up to 18 bytes. Length bytes are read below <c>SourceEnd</c>; a long run is compared with what is left
    /// of both, less what its copy may run over, before it is copied. A match is compared with the window's
    /// start before it is read, and all it can overrun on the reading side lies before the overrun of its
    /// writes.</para>
    /// <para>Nothing is an error here: such a sequence is left, from its token on, to
    /// <see cref="ExactSequence"/>.</para>
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FastSequences(ref Decoding decoding)
    {
        byte* ip = decoding.Ip;
        byte* op = decoding.Op;
        byte* window = decoding.Window;
        byte* sourceEnd = decoding.SourceEnd;
        if (sourceEnd - ip < SourceMargin || decoding.DestinationEnd - op < DestinationMargin)
            return; // Also where a span is empty: an end less a margin must not wrap round below null.
        byte* fastSourceEnd = sourceEnd - SourceMargin;
        byte* destinationEnd = decoding.DestinationEnd;
        byte* fastDestinationEnd = destinationEnd - DestinationMargin;
        byte* sequenceIp = ip;
        byte* sequenceOp = op;

        while (ip <= fastSourceEnd && op <= fastDestinationEnd)
        {
            sequenceIp = ip;
            sequenceOp = op;
            uint token = *ip++;
            ulong literals = token >> 4;
            if (literals != LengthMask)
            {
                WildCopy.Sixteen(op, ip);
            }
            else
            {
                uint more = *ip++;
                literals += more;
                if (more == 255)
                    goto Odd; // Long enough that the exact step is as fast, and reads the length eight bytes at once.
                if ((long)literals > sourceEnd - ip - CopyMargin
                    || (long)literals > destinationEnd - op - CopyMargin)
                    goto Odd;
                WildCopy.Long(op, ip, literals);
            }

            ip += literals;
            op += literals;
            uint offset = LittleEndian.Read16(ip);
            ip += 2;
            byte* match = op - offset;
            ulong matchBytes = token & LengthMask;
            if (match < window)
                goto Odd;
            if (matchBytes != LengthMask)
            {
                if (offset >= 8)
                    WildCopy.Eighteen(op, match);
                else if (offset != 0)
                    WildCopy.RepeatShort(op, match, offset);
                else
                    goto Odd;
                op += matchBytes + MatchBytesMin;
                continue;
            }

            uint further;
            do
            {
                if (ip >= sourceEnd)
                    goto Odd;
                further = *ip++;
                matchBytes += further;
            }
            while (further == 255);
            matchBytes += MatchBytesMin;
            if ((long)matchBytes > destinationEnd - op - CopyMargin)
                goto Odd;
            if (offset >= 16)
                WildCopy.Long(op, match, matchBytes);
            else if (offset != 0)
                WildCopy.Repeat(op, match, offset, matchBytes);
            else
                goto Odd;
            op += matchBytes;
        }

        decoding.Ip = ip;
        decoding.Op = op;
        return;

    Odd:
        decoding.Ip = sequenceIp;
        decoding.Op = sequenceOp;
    }

    /// <summary>Decodes one sequence of any kind; false at the end of the block and on failure.</summary>
    /// <remarks>
    /// Unsafe: each length is compared with what is left of source and destination before the copy, and
    /// copies touch exactly that length.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool ExactSequence(ref Decoding decoding)
    {
        if (decoding.SourceLeft == 0)
            return decoding.Fail(Lz4Error.BlockTruncated, 1, 0);
        uint token = *decoding.Ip++;
        if (!TryReadLength(ref decoding, token >> 4, out ulong literals))
            return decoding.Fail(Lz4Error.BlockTruncated, 1, 0);
        if (literals > decoding.SourceLeft)
            return decoding.Fail(Lz4Error.BlockTruncated, literals, decoding.SourceLeft);
        if (literals > decoding.DestinationLeft)
            return decoding.TooSmall(literals);
        Buffer.MemoryCopy(decoding.Ip, decoding.Op, literals, literals);
        decoding.Ip += literals;
        decoding.Op += literals;
        if (decoding.SourceLeft == 0)
            return false;

        if (decoding.SourceLeft < 2)
            return decoding.Fail(Lz4Error.BlockTruncated, 2, decoding.SourceLeft);
        uint offset = LittleEndian.Read16(decoding.Ip);
        ulong behind = (ulong)(decoding.Op - decoding.Window) + (uint)decoding.DictionaryBytes;
        if (offset == 0 || offset > behind)
            return decoding.Fail(Lz4Error.BadMatchOffset, behind, offset);
        decoding.Ip += 2;
        if (!TryReadLength(ref decoding, token & LengthMask, out ulong matchBytes))
            return decoding.Fail(Lz4Error.BlockTruncated, 1, 0);
        matchBytes += MatchBytesMin;
        if (matchBytes > decoding.DestinationLeft)
            return decoding.TooSmall(matchBytes);
        CopyMatch(ref decoding, offset, matchBytes);
        return true;
    }

    /// <summary>Copies a match of any offset and length, from the dictionary, the window or both.</summary>
    /// <remarks>
    /// Unsafe: the caller has checked that it fits and begins inside dictionary and window. A wild copy stops
    /// so early that what it runs over is still this match's.
    /// </remarks>
    private static void CopyMatch(ref Decoding decoding, uint offset, ulong matchBytes)
    {
        byte* op = decoding.Op;
        byte* end = op + matchBytes;
        long inWindow = op - decoding.Window;
        if (offset > inWindow)
        {
            ulong fromDictionary = Math.Min((ulong)(offset - inWindow), matchBytes);
            byte* at = decoding.DictionaryEnd - (offset - inWindow);
            Buffer.MemoryCopy(at, op, fromDictionary, fromDictionary);
            op += fromDictionary;
        }

        byte* match = op - offset;
        long left = end - op;
        if (left > 2 * CopyMargin)
        {
            long most = left - CopyMargin;
            if (offset >= 16)
                WildCopy.Long(op, match, (ulong)most);
            else
                WildCopy.Repeat(op, match, offset, (ulong)most);
            op += most;
            match += most;
        }

        while (op < end)
            *op++ = *match++;
        decoding.Op = end;
    }

    /// <summary>
    /// Reads the further bytes of a length, if its field is full; false where the source ends.
    /// </summary>
    /// <remarks>
    /// Unsafe: each read is behind a comparison with the end. The sum stays below 2^40, since a block has
    /// fewer than 2^31 bytes.
    /// </remarks>
    private static bool TryReadLength(ref Decoding decoding, uint field, out ulong length)
    {
        length = field;
        if (field != LengthMask)
            return true;
        byte* ip = decoding.Ip;
        byte* sourceEnd = decoding.SourceEnd;
        ulong sum = field;
        uint more = 255;
        while (sourceEnd - ip >= 8 && Unsafe.ReadUnaligned<ulong>(ip) == ulong.MaxValue)
        {
            sum += 8 * 255;
            ip += 8;
        }

        while (more == 255 && ip < sourceEnd)
        {
            more = *ip++;
            sum += more;
        }

        decoding.Ip = ip;
        length = sum;
        return more != 255;
    }

    /// <summary>
    /// Where the decoder is, and what bounds it. Pointers into the spans pinned by the caller.
    /// </summary>
    private struct Decoding
    {
        public byte* Ip;
        public byte* Op;
        public byte* Source;
        public byte* SourceEnd;
        public byte* Window;
        public byte* Destination;
        public byte* DestinationEnd;
        public byte* DictionaryEnd;
        public int DictionaryBytes;
        public Lz4Result Failure;

        public readonly ulong SourceLeft => (ulong)(SourceEnd - Ip);

        public readonly ulong DestinationLeft => (ulong)(DestinationEnd - Op);

        public bool Fail(Lz4Error error, ulong expected, ulong found)
        {
            Failure = new Lz4Result(error, Ip - Source, expected, found);
            return false;
        }

        public bool TooSmall(ulong more) => Fail(
            Lz4Error.DestinationTooSmall, (ulong)(Op - Destination) + more,
            (ulong)(DestinationEnd - Destination));
    }
}
