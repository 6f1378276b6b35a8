using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace AvSdk.Lz4;

/// <summary>Copies that may write more than asked for, because that is faster than to count.</summary>
/// <remarks>
/// Unsafe: nothing here checks a bound. Each method says how far it reads and writes; the caller has compared
/// that with its buffers. Loads and stores alternate, so a source that overlaps the destination from below
/// repeats as LZ4 wants it, if it is at least one load's width away.
/// </remarks>
internal static unsafe class WildCopy
{
    /// <summary>
    /// Row <c>offset</c>: the index of the byte to take for each of 16, repeating 0 … offset − 1.
    /// </summary>
    private static ReadOnlySpan<byte> RepeatIndexes =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
        0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0,
        0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
        0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0,
        0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3,
        0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1,
        0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 1,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0,
    ];

    /// <summary>How many of the 16 bytes of a row make whole periods: what a store may advance by.</summary>
    private static ReadOnlySpan<byte> RepeatStep =>
        [16, 16, 16, 15, 16, 15, 12, 14, 16, 9, 10, 11, 12, 13, 14, 15];

    /// <summary>Copies 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sixteen(byte* to, byte* from) => Vector128.Store(Vector128.Load(from), to);

    /// <summary>Copies 18 bytes from at least 8 before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Eighteen(byte* to, byte* from)
    {
        Unsafe.WriteUnaligned(to, Unsafe.ReadUnaligned<ulong>(from));
        Unsafe.WriteUnaligned(to + 8, Unsafe.ReadUnaligned<ulong>(from + 8));
        Unsafe.WriteUnaligned(to + 16, Unsafe.ReadUnaligned<ushort>(from + 16));
    }

    /// <summary>Copies <paramref name="bytes"/>, at least 1, from elsewhere or at least 16 before.</summary>
    /// <remarks>Reads and writes up to 31 bytes more.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Long(byte* to, byte* from, ulong bytes)
    {
        byte* end = to + bytes;
        do
        {
            Sixteen(to, from);
            Sixteen(to + 16, from + 16);
            to += 32;
            from += 32;
        }
        while (to < end);
    }

    /// <summary>Repeats the last <paramref name="offset"/> bytes, 1 to 7, for at least 18 bytes.</summary>
    /// <remarks>Reads 16 bytes from <paramref name="from"/>, writes up to 32.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RepeatShort(byte* to, byte* from, uint offset)
    {
        Vector128<byte> pattern = Pattern(from, offset);
        Vector128.Store(pattern, to);
        Vector128.Store(pattern, to + Step(offset));
    }

    /// <summary>
    /// Repeats the last <paramref name="offset"/> bytes, 1 to 15, for <paramref name="bytes"/>.
    /// </summary>
    /// <remarks>Reads 16 bytes from <paramref name="from"/>, writes up to 31 more than asked for.</remarks>
    public static void Repeat(byte* to, byte* from, uint offset, ulong bytes)
    {
        Vector128<byte> pattern = Pattern(from, offset);
        nuint step = Step(offset);
        byte* end = to + bytes;
        do
        {
            Vector128.Store(pattern, to);
            Vector128.Store(pattern, to + step);
            to += 2 * step;
        }
        while (to < end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Step(uint offset) =>
        Unsafe.Add(ref MemoryMarshal.GetReference(RepeatStep), offset);

    /// <summary>The first <paramref name="offset"/> bytes, at most 15, over and over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Pattern(byte* from, uint offset)
    {
        Vector128<byte> indexes = Vector128.LoadUnsafe(
            ref MemoryMarshal.GetReference(RepeatIndexes), offset * 16);
        Vector128<byte> bytes = Vector128.Load(from);
        if (Ssse3.IsSupported)
            return Ssse3.Shuffle(bytes, indexes);
        if (AdvSimd.Arm64.IsSupported)
            return AdvSimd.Arm64.VectorTableLookup(bytes, indexes);
        return Vector128.Shuffle(bytes, indexes);
    }
}
