using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AvSdk.Mcap;

/// <summary>
/// CRC-32 as in zlib, PNG and MCAP: polynomial 0x04C11DB7, reflected (0xEDB88320), start and end inverted.
/// With carry-less multiply where the processor has it (Gopal et al., "Fast CRC Computation for Generic
/// Polynomials Using PCLMULQDQ", Intel 2009), 256 bytes at a time where the runtime and the processor have it on
/// 512 bits, else eight tables of 256 ("slicing by 8").
/// </summary>
public static partial class Crc32
{
    private const uint Polynomial = 0xEDB88320u;

    private static readonly uint[] Tables = MakeTables();
    private static readonly uint[] Powers = MakePowers();

    /// <summary>The CRC of <paramref name="bytes"/>; 0 for none.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>The CRC of what <paramref name="crc"/> is of, followed by <paramref name="bytes"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint state = ~crc;
        if (Pclmulqdq.IsSupported && Sse2.IsSupported && bytes.Length >= 64)
        {
            int folded = bytes.Length & ~15;
            state = Fold(state, bytes[..folded]);
            bytes = bytes[folded..];
        }

        return ~AppendByTables(state, bytes);
    }

    /// <summary>
    /// The CRC of two runs of bytes, one after the other, from the CRC of each: no byte is read again.
    /// </summary>
    /// <param name="first">The CRC of the first run.</param>
    /// <param name="second">The CRC of the second run.</param>
    /// <param name="secondBytes">Bytes of the second run, not negative.</param>
    public static uint Combine(uint first, uint second, long secondBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondBytes);
        // Each byte that follows multiplies what came before by x^8; powers of x repeat after 2^32 - 1.
        uint shifted = first;
        for (int power = 3; secondBytes != 0; secondBytes >>= 1, power++)
        {
            if ((secondBytes & 1) != 0)
                shifted = Multiply(Powers[power & 31], shifted);
        }

        return shifted ^ second;
    }

    internal static uint AppendByTables(uint state, ReadOnlySpan<byte> bytes)
    {
        uint[] tables = Tables;
        while (bytes.Length >= 8)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ state;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            state = tables[(7 * 256) + (int)(low & 0xFF)]
                ^ tables[(6 * 256) + (int)((low >> 8) & 0xFF)]
                ^ tables[(5 * 256) + (int)((low >> 16) & 0xFF)]
                ^ tables[(4 * 256) + (int)(low >> 24)]
                ^ tables[(3 * 256) + (int)(high & 0xFF)]
                ^ tables[(2 * 256) + (int)((high >> 8) & 0xFF)]
                ^ tables[256 + (int)((high >> 16) & 0xFF)]
                ^ tables[(int)(high >> 24)];
            bytes = bytes[8..];
        }

        foreach (byte b in bytes)
            state = tables[(int)((state ^ b) & 0xFF)] ^ (state >> 8);
        return state;
    }

    // At least 64 bytes, a multiple of 16. Four accumulators are folded over 64 bytes at a time, then into
    // one, then reduced to 32 bits. The constants are powers of x modulo the polynomial, as the paper's
    // appendix gives them.
    private static uint Fold(uint state, ReadOnlySpan<byte> bytes)
    {
        Vector128<ulong> by64 = Vector128.Create(0x0000000154442bd4UL, 0x00000001c6e41596UL);
        Vector128<ulong> by16 = Vector128.Create(0x00000001751997d0UL, 0x00000000ccaa009eUL);

        Vector128<ulong> a0, a1, a2, a3;
#if NET10_0_OR_GREATER
        if (Pclmulqdq.V512.IsSupported && Vector512.IsHardwareAccelerated && bytes.Length >= WideBytesMin)
        {
            Vector512<ulong> wide = FoldWide(state, ref bytes);
            (a0, a1) = (wide.GetLower().GetLower(), wide.GetLower().GetUpper());
            (a2, a3) = (wide.GetUpper().GetLower(), wide.GetUpper().GetUpper());
        }
        else
#endif
        {
            a0 = Load(bytes, 0) ^ Vector128.CreateScalar(state).AsUInt64();
            a1 = Load(bytes, 16);
            a2 = Load(bytes, 32);
            a3 = Load(bytes, 48);
            bytes = bytes[64..];
        }

        while (bytes.Length >= 64)
        {
            a0 = FoldInto(a0, by64, Load(bytes, 0));
            a1 = FoldInto(a1, by64, Load(bytes, 16));
            a2 = FoldInto(a2, by64, Load(bytes, 32));
            a3 = FoldInto(a3, by64, Load(bytes, 48));
            bytes = bytes[64..];
        }

        a0 = FoldInto(a0, by16, a1);
        a0 = FoldInto(a0, by16, a2);
        a0 = FoldInto(a0, by16, a3);
        while (bytes.Length >= 16)
        {
            a0 = FoldInto(a0, by16, Load(bytes, 0));
            bytes = bytes[16..];
        }

        return Reduce(a0, by16);
    }

    private static uint Reduce(Vector128<ulong> value, Vector128<ulong> by16)
    {
        Vector128<ulong> mask = Vector128.Create(0x00000000FFFFFFFFUL, 0x00000000FFFFFFFFUL);

        // 128 bits to 96: the low half times x^(64+32), into the high half.
        Vector128<ulong> low = Pclmulqdq.CarrylessMultiply(value, by16, 0x10);
        value = Sse2.ShiftRightLogical128BitLane(value, 8) ^ low;

        // 96 to 64.
        Vector128<ulong> by4 = Vector128.Create(0x0000000163cd6124UL, 0UL);
        low = Sse2.ShiftRightLogical128BitLane(value, 4);
        value = Pclmulqdq.CarrylessMultiply(value & mask, by4, 0x00) ^ low;

        // Barrett: the polynomial, and its inverse.
        Vector128<ulong> barrett = Vector128.Create(0x00000001db710641UL, 0x00000001f7011641UL);
        Vector128<ulong> quotient = Pclmulqdq.CarrylessMultiply(value & mask, barrett, 0x10) & mask;
        value ^= Pclmulqdq.CarrylessMultiply(quotient, barrett, 0x00);
        return value.AsUInt32().GetElement(1);
    }

    private static Vector128<ulong> FoldInto(Vector128<ulong> value, Vector128<ulong> by,
        Vector128<ulong> next) =>
        Pclmulqdq.CarrylessMultiply(value, by, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, by, 0x11) ^ next;

    private static Vector128<ulong> Load(ReadOnlySpan<byte> bytes, int at) =>
        Vector128.Create(bytes.Slice(at, 16)).AsUInt64();

    // Reflected: the highest bit is the coefficient of x^0.
    private static uint TimesX(uint value) => (value >> 1) ^ (Polynomial & (0 - (value & 1)));

    private static uint Multiply(uint left, uint right)
    {
        uint product = 0;
        for (; left != 0; left <<= 1)
        {
            product ^= right & (0 - (left >> 31));
            right = TimesX(right);
        }

        return product;
    }

    // x^(2^n), n from 0.
    private static uint[] MakePowers()
    {
        uint[] powers = new uint[32];
        powers[0] = 1u << 30;
        for (int n = 1; n < powers.Length; n++)
            powers[n] = Multiply(powers[n - 1], powers[n - 1]);
        return powers;
    }

    private static uint[] MakeTables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
                value = TimesX(value);
            tables[i] = value;
        }

        for (int i = 256; i < tables.Length; i++)
            tables[i] = tables[tables[i - 256] & 0xFF] ^ (tables[i - 256] >> 8);
        return tables;
    }
}
