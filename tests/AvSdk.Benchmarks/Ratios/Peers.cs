using System.Runtime.InteropServices;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>The system's C libraries, in the same process.</summary>
internal static partial class Peers
{
    public static bool HasLz4 => NativeLibrary.TryLoad("liblz4.so.1", out _);

    public static bool HasZlib => NativeLibrary.TryLoad("libz.so.1", out _);

    [LibraryImport("liblz4.so.1", EntryPoint = "LZ4_compress_default")]
    public static unsafe partial int Lz4Compress(byte* source, byte* destination, int sourceBytes, int destinationBytes);

    [LibraryImport("liblz4.so.1", EntryPoint = "LZ4_compress_HC")]
    public static unsafe partial int Lz4CompressHigh(byte* source, byte* destination, int sourceBytes, int destinationBytes, int level);

    [LibraryImport("liblz4.so.1", EntryPoint = "LZ4_decompress_safe")]
    public static unsafe partial int Lz4Decompress(byte* source, byte* destination, int sourceBytes, int destinationBytes);

    [LibraryImport("libz.so.1", EntryPoint = "crc32_z")]
    public static unsafe partial nuint Crc32(nuint crc, byte* data, nuint bytes);

    public static unsafe int Lz4Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        fixed (byte* from = source)
        fixed (byte* to = destination)
            return Lz4Compress(from, to, source.Length, destination.Length);
    }

    public static unsafe int Lz4CompressHigh(ReadOnlySpan<byte> source, Span<byte> destination, int level)
    {
        fixed (byte* from = source)
        fixed (byte* to = destination)
            return Lz4CompressHigh(from, to, source.Length, destination.Length, level);
    }

    public static unsafe int Lz4Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        fixed (byte* from = source)
        fixed (byte* to = destination)
            return Lz4Decompress(from, to, source.Length, destination.Length);
    }

    public static unsafe uint Crc32(ReadOnlySpan<byte> data)
    {
        fixed (byte* from = data)
            return (uint)Crc32(0, from, (nuint)data.Length);
    }
}
