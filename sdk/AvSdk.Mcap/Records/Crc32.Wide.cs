#if NET10_0_OR_GREATER
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AvSdk.Mcap;

/// <content>The same folding on 512 bits (VPCLMULQDQ).</content>
public static partial class Crc32
{
    // Below it, what it takes to get out of the wide registers costs more than they save.
    private const int WideBytesMin = 512;

    private static readonly Vector512<ulong> By256 = FoldOver(256);
    private static readonly Vector512<ulong> By64 = FoldOver(64);

    /// <summary>
    /// Folds as many times 256 bytes as there are into the 64 bytes that stand for them, four accumulators as
    /// <see cref="Fold"/> has them, and takes them off <paramref name="bytes"/>.
    /// </summary>
    private static Vector512<ulong> FoldWide(uint state, ref ReadOnlySpan<byte> bytes)
    {
        Vector512<ulong> by256 = By256;
        Vector512<ulong> a0 = LoadWide(bytes, 0) ^ Vector512.CreateScalar((ulong)state);
        Vector512<ulong> a1 = LoadWide(bytes, 64);
        Vector512<ulong> a2 = LoadWide(bytes, 128);
        Vector512<ulong> a3 = LoadWide(bytes, 192);
        ReadOnlySpan<byte> rest = bytes[256..];
        while (rest.Length >= 256)
        {
            a0 = FoldInto(a0, by256, LoadWide(rest, 0));
            a1 = FoldInto(a1, by256, LoadWide(rest, 64));
            a2 = FoldInto(a2, by256, LoadWide(rest, 128));
            a3 = FoldInto(a3, by256, LoadWide(rest, 192));
            rest = rest[256..];
        }

        bytes = rest;
        Vector512<ulong> by64 = By64;
        return FoldInto(FoldInto(FoldInto(a0, by64, a1), by64, a2), by64, a3);
    }

    // What a 128-bit lane is multiplied by to stand so many bytes further on: x^(8n + 32) and x^(8n - 32) modulo
    // the polynomial, reflected as the paper has them.
    private static Vector512<ulong> FoldOver(int bytes)
    {
        ulong low = (ulong)PowerOfX((8 * bytes) + 32) << 1;
        ulong high = (ulong)PowerOfX((8 * bytes) - 32) << 1;
        return Vector512.Create(low, high, low, high, low, high, low, high);
    }

    private static uint PowerOfX(int exponent)
    {
        uint value = 1u << 31;
        for (int i = 0; i < exponent; i++)
            value = TimesX(value);
        return value;
    }

    private static Vector512<ulong> FoldInto(
        Vector512<ulong> value, Vector512<ulong> by, Vector512<ulong> next) =>
        Pclmulqdq.V512.CarrylessMultiply(value, by, 0x00)
        ^ Pclmulqdq.V512.CarrylessMultiply(value, by, 0x11) ^ next;

    private static Vector512<ulong> LoadWide(ReadOnlySpan<byte> bytes, int at) =>
        Vector512.Create(bytes.Slice(at, 64)).AsUInt64();
}
#endif
