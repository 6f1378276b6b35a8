using System.Runtime.CompilerServices;

namespace AvSdk.Lz4;

/// <summary>Maps a hash of the next bytes to the latest position they were seen at.</summary>
/// <remarks>
/// A type argument, so that the compressor is specialised for each. Both take <see cref="TableBytes"/>:
/// small enough for the first-level cache. A table that is all zero is empty: position 0 is then a candidate
/// like any other, found or refuted by comparing bytes.
/// </remarks>
internal unsafe interface IPositionTable
{
    /// <summary>16 KiB, whatever the width of an entry.</summary>
    const int TableBytes = 1 << 14;

    /// <summary>The hash; always below the number of entries, so that no access leaves the table.</summary>
    /// <param name="at">At least 8 readable bytes.</param>
    static abstract uint Hash(byte* at);

    static abstract uint Get(byte* table, uint hash);

    static abstract void Put(byte* table, uint hash, uint position);

    /// <summary>Whether the distance of two positions can be written as an offset.</summary>
    static abstract bool IsInReach(uint position, uint candidate);
}

/// <summary>8192 entries of 16 bits, for inputs below 64 KiB: twice the entries, and all in reach.</summary>
internal readonly unsafe struct NarrowTable : IPositionTable
{
    private const int HashBits = 13;

    /// <summary>
    /// The most bytes of an input: the last position that is ever put is 12 bytes before its end.
    /// </summary>
    public const int SourceBytesMax = 65536 + 11;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(byte* at) => (LittleEndian.Read32(at) * 0x9E3779B1u) >> (32 - HashBits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Get(byte* table, uint hash) => ((ushort*)table)[hash];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(byte* table, uint hash, uint position) =>
        ((ushort*)table)[hash] = (ushort)position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsInReach(uint position, uint candidate) => true;
}

/// <summary>4096 entries of 32 bits, for longer inputs and for linked blocks.</summary>
internal readonly unsafe struct WideTable : IPositionTable
{
    private const int HashBits = 12;
    private const ulong Prime5Bytes = 0xCF1BBCDCBB;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(byte* at) =>
        (uint)(((LittleEndian.Read64(at) << 24) * Prime5Bytes) >> (64 - HashBits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Get(byte* table, uint hash) => ((uint*)table)[hash];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(byte* table, uint hash, uint position) => ((uint*)table)[hash] = position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsInReach(uint position, uint candidate) =>
        position - candidate <= BlockCompressor.MatchOffsetMax;
}
