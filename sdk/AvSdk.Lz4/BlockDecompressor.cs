using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AvSdk.Lz4;

/// <summary>
/// The LZ4 block decoder: a fast loop while both ends are far away, an exact one for the rest.
/// </summary>
internal static unsafe class BlockDecompressor
{
    private const int MatchBytesMin = 4;

    /// <summary>A token, 16 bytes copied for up to 14 literals, an offset.</summary>
    private const int SourceMargin = 1 + 16 + 2;

    /// <summary>Up to 14 literals, then at most 18 bytes of match, copied by 16 or 32 at a time.</summary>
    private const int DestinationMargin = 14 + 18 + 32;

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
                Source = from,
                SourceEnd = from + source.Length,
                Window = to,
                Destination = to + prefixBytes,
                DestinationEnd = to + window.Length,
                DictionaryEnd = dictionaryStart + dictionary.Length,
                DictionaryBytes = dictionary.Length,
            };
            Lz4Result result = Run(in decoding, out written);
            if (!result.IsOk)
                written = 0;
            return result;
        }
    }

    /// <summary>The decoder proper.</summary>
    /// <remarks>
    /// <para>Unsafe, fast loop: entered only with <see cref="SourceMargin"/> readable and
    /// <see cref="DestinationMargin"/> writable bytes left, which covers a token, 14 literals copied as 16
    /// bytes, the offset, and a match of 18 bytes copied as 32. Longer runs are compared with what is left
    /// first. A match's start is compared with the window's before it is read.</para>
    /// <para>Unsafe, exact loop: each length is compared with what is left of source and destination before
    /// the copy, and copies touch exactly that length.</para>
    /// </remarks>
    private static Lz4Result Run(in Decoding decoding, out int written)
    {
        byte* ip = decoding.Source;
        byte* op = decoding.Destination;
        byte* sourceEnd = decoding.SourceEnd;
        byte* destinationEnd = decoding.DestinationEnd;
        byte* window = decoding.Window;
        written = 0;

        while (true)
        {
            if (ip == sourceEnd)
                return Fail(in decoding, Lz4Error.BlockTruncated, ip, 1, 0);
            uint token = *ip++;
            ulong literals = token >> 4;
            ulong matchBytes;
            uint offset;
            if (literals < 15
                && sourceEnd - ip >= SourceMargin - 1 && destinationEnd - op >= DestinationMargin)
            {
                Vector128.Store(Vector128.Load(ip), op);
                ip += literals;
                op += literals;
                offset = LittleEndian.Read16(ip);
                ip += 2;
                byte* match = op - offset;
                matchBytes = token & 15;
                if (matchBytes < 15 && offset >= 8 && match >= window)
                {
                    Unsafe.WriteUnaligned(op, Unsafe.ReadUnaligned<ulong>(match));
                    Unsafe.WriteUnaligned(op + 8, Unsafe.ReadUnaligned<ulong>(match + 8));
                    Unsafe.WriteUnaligned(op + 16, Unsafe.ReadUnaligned<ushort>(match + 16));
                    op += matchBytes + MatchBytesMin;
                    continue;
                }
            }
            else
            {
                if (literals == 15 && !TryReadLength(ref ip, sourceEnd, ref literals))
                    return Fail(in decoding, Lz4Error.BlockTruncated, ip, 1, 0);
                if (literals > (ulong)(sourceEnd - ip))
                    return Fail(in decoding, Lz4Error.BlockTruncated, ip, literals, (ulong)(sourceEnd - ip));
                if (literals > (ulong)(destinationEnd - op))
                    return TooSmall(in decoding, ip, op, literals);
                Buffer.MemoryCopy(ip, op, literals, literals);
                ip += literals;
                op += literals;
                if (ip == sourceEnd)
                {
                    written = (int)(op - decoding.Destination);
                    return Lz4Result.Ok;
                }

                if (sourceEnd - ip < 2)
                    return Fail(in decoding, Lz4Error.BlockTruncated, ip, 2, (ulong)(sourceEnd - ip));
                offset = LittleEndian.Read16(ip);
                ip += 2;
                matchBytes = token & 15;
            }

            if (matchBytes == 15 && !TryReadLength(ref ip, sourceEnd, ref matchBytes))
                return Fail(in decoding, Lz4Error.BlockTruncated, ip, 1, 0);
            matchBytes += MatchBytesMin;
            ulong behind = (ulong)(op - window) + (uint)decoding.DictionaryBytes;
            if (offset == 0 || offset > behind)
                return Fail(in decoding, Lz4Error.BadMatchOffset, ip - 2, behind, offset);
            if (matchBytes > (ulong)(destinationEnd - op))
                return TooSmall(in decoding, ip, op, matchBytes);
            op = CopyMatch(in decoding, op, offset, matchBytes);
        }
    }

    /// <summary>Copies a match of any offset and length.</summary>
    /// <remarks>
    /// Unsafe: the caller has checked that the match fits and begins inside dictionary and window. The vector
    /// loop runs only with a vector's length to spare; its loads end at most where its stores begin.
    /// </remarks>
    private static byte* CopyMatch(in Decoding decoding, byte* op, uint offset, ulong matchBytes)
    {
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
        if (offset >= 16 && decoding.DestinationEnd - end >= 16)
        {
            for (; op < end; op += 16, match += 16)
                Vector128.Store(Vector128.Load(match), op);
            return end;
        }

        while (op < end)
            *op++ = *match++;
        return end;
    }

    /// <summary>
    /// Adds the further bytes of a length. Unsafe: each read is behind a comparison with the end.
    /// </summary>
    /// <remarks>The sum stays below 2^40, since a block has fewer than 2^31 bytes.</remarks>
    private static bool TryReadLength(ref byte* ip, byte* end, ref ulong length)
    {
        uint b;
        do
        {
            if (ip == end)
                return false;
            b = *ip++;
            length += b;
        }
        while (b == 255);
        return true;
    }

    private static Lz4Result Fail(
        in Decoding decoding, Lz4Error error, byte* ip, ulong expected, ulong found) =>
        new(error, ip - decoding.Source, expected, found);

    private static Lz4Result TooSmall(in Decoding decoding, byte* ip, byte* op, ulong more) =>
        new(
            Lz4Error.DestinationTooSmall, ip - decoding.Source, (ulong)(op - decoding.Destination) + more,
            (ulong)(decoding.DestinationEnd - decoding.Destination));

    private struct Decoding
    {
        public byte* Source;
        public byte* SourceEnd;
        public byte* Window;
        public byte* Destination;
        public byte* DestinationEnd;
        public byte* DictionaryEnd;
        public int DictionaryBytes;
    }
}
