using System.Runtime.CompilerServices;

namespace AvSdk.Lz4;

/// <summary>Writes the sequences of a block that the high levels have chosen.</summary>
/// <remarks>
/// Unsafe: nothing is written before the exact length is compared with the room; the wild copies are taken
/// only where what they run over is there on both sides.
/// </remarks>
internal unsafe struct SequenceWriter
{
    private const uint LengthMask = 15;

    private readonly byte* _zero;
    private readonly nuint _sourceEnd;
    private readonly byte* _start;
    private readonly byte* _end;
    private byte* _op;

    /// <param name="zero">The byte at position p is <c>zero[p]</c>.</param>
    /// <param name="first">The position of the block's first byte.</param>
    /// <param name="sourceEnd">The position behind its last.</param>
    /// <param name="start">Where to.</param>
    /// <param name="end">What follows the room.</param>
    public SequenceWriter(byte* zero, nuint first, nuint sourceEnd, byte* start, byte* end)
    {
        _zero = zero;
        _sourceEnd = sourceEnd;
        _start = start;
        _end = end;
        _op = start;
        Anchor = first;
    }

    /// <summary>The first position that no sequence holds yet.</summary>
    public nuint Anchor { get; private set; }

    /// <summary>Writes the literals before a match and the match; false where they have no room.</summary>
    /// <param name="match">Begins at the anchor or behind it.</param>
    public bool TryWrite(Match match)
    {
        nuint literals = match.Start - Anchor;
        nuint more = match.Length - HashChains.MatchBytesMin;
        nuint lastSequence = 1 + BlockCompressor.LastLiterals;
        if (1 + LengthBytes(literals) + literals + 2 + LengthBytes(more) + lastSequence > (nuint)(_end - _op))
            return false;
        byte* op = _op;
        *op++ = (byte)((Math.Min(literals, LengthMask) << 4) | Math.Min(more, LengthMask));
        op = WriteLength(op, literals);
        byte* from = _zero + Anchor;
        if (_end - op >= (nint)literals + 32 && Anchor + literals + 32 <= _sourceEnd)
        {
            if (literals > 0)
                WildCopy.Long(op, from, literals);
        }
        else
        {
            Unsafe.CopyBlockUnaligned(op, from, (uint)literals);
        }

        op += literals;
        LittleEndian.Write16(op, (uint)match.Offset);
        _op = WriteLength(op + 2, more);
        Anchor = match.End;
        return true;
    }

    /// <summary>Writes the rest as literals. Returns the length of the block; 0 where there is no room.</summary>
    public readonly int Finish()
    {
        nuint literals = _sourceEnd - Anchor;
        if (1 + LengthBytes(literals) + literals > (nuint)(_end - _op))
            return 0;
        byte* op = _op;
        *op++ = (byte)(Math.Min(literals, LengthMask) << 4);
        op = WriteLength(op, literals);
        Unsafe.CopyBlockUnaligned(op, _zero + Anchor, (uint)literals);
        return (int)(op + literals - _start);
    }

    /// <summary>The bytes that a length takes besides its field in the token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint LengthBytes(nuint length) => length < LengthMask ? 0 : ((length - LengthMask) / 255) + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* WriteLength(byte* op, nuint length)
    {
        if (length < LengthMask)
            return op;
        nuint rest = length - LengthMask;
        for (; rest >= 255; rest -= 255)
            *op++ = 255;
        *op++ = (byte)rest;
        return op;
    }
}
