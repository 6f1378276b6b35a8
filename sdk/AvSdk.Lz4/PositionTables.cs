using System.Runtime.CompilerServices;

namespace AvSdk.Lz4;

/// <summary>Maps a hash of the next bytes to the latest position they were seen at.</summary>
/// <remarks>
/// A type argument, so that the compressor is specialised for each. Both take <see cref="TableBytes"/>: small
/// enough for the first-level cache. A table that is all zero is empty: position 0 is then a candidate like
/// any other, found or refuted by comparing bytes.
/// </remarks>
internal unsafe interface IPositionTable
{
    /// <summary>16 KiB, whatever the width of an entry.</summary>
    const int TableBytes = 1 << 14;

    /// <summary>The hash of the first bytes; always below the number of entries, so no access leaves the
    /// table.
    /// </summary>
    /// <param name="next">
    /// The next bytes, the first in the lowest; at least five are looked at, never more.
    /// </param>
    static abstract nuint Hash(ulong next);

    static abstract nuint Get(byte* table, nuint hash);

    static abstract void Put(byte* table, nuint hash, nuint position);

    /// <summary>Whether the distance of two positions can be written as an offset.</summary>
    static abstract bool IsInReach(nuint position, nuint candidate);
}

/// <summary>8192 entries of 16 bits, for inputs below 64 KiB: twice the entries, and all in reach.</summary>
internal readonly unsafe struct NarrowTable : IPositionTable
{
    private const int HashBits = 13;

    /// <summary>The most bytes of an input: the last position ever put is 12 bytes before its end.</summary>
    public const int SourceBytesMax = 65536 + 11;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Hash(ulong next) => ((uint)next * 0x9E3779B1u) >> (32 - HashBits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Get(byte* table, nuint hash) => ((ushort*)table)[hash];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(byte* table, nuint hash, nuint position) =>
        ((ushort*)table)[hash] = (ushort)position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsInReach(nuint position, nuint candidate) => true;
}

/// <summary>4096 entries of 32 bits, for longer inputs and for linked blocks.</summary>
internal readonly unsafe struct WideTable : IPositionTable
{
    private const int HashBits = 12;

    /// <summary>The 40-bit prime 0xCF1BBCDCBB, shifted so that only the lowest five bytes count.</summary>
    private const ulong Prime5Bytes = 0xCF1BBCDCBB000000;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Hash(ulong next) => (nuint)((next * Prime5Bytes) >> (64 - HashBits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Get(byte* table, nuint hash) => ((uint*)table)[hash];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(byte* table, nuint hash, nuint position) => ((uint*)table)[hash] = (uint)position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsInReach(nuint position, nuint candidate) =>
        position - candidate <= BlockCompressor.MatchOffsetMax;
}
