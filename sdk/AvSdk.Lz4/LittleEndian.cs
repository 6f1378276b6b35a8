using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace AvSdk.Lz4;

/// <summary>Unaligned little-endian loads and stores through pointers.</summary>
/// <remarks>
/// None of these checks a bound: each caller states why the bytes it names are its own. On a big-endian
/// machine the bytes are swapped, so that offsets, hashes and match lengths come out the same.
/// </remarks>
internal static unsafe class LittleEndian
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Read16(byte* at)
    {
        ushort value = Unsafe.ReadUnaligned<ushort>(at);
        return BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read32(byte* at)
    {
        uint value = Unsafe.ReadUnaligned<uint>(at);
        return BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read64(byte* at)
    {
        ulong value = Unsafe.ReadUnaligned<ulong>(at);
        return BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write16(byte* at, uint value)
    {
        ushort narrow = (ushort)value;
        Unsafe.WriteUnaligned(
            at, BitConverter.IsLittleEndian ? narrow : BinaryPrimitives.ReverseEndianness(narrow));
    }
}
