using System.Runtime.InteropServices;

namespace AvSdk.Mcap;

/// <summary>Zstandard (RFC 8878) through the system's library, which may be missing.</summary>
/// <param name="library">What to look for when asked whether it is there.</param>
internal sealed partial class ZstdCodec(string library = ZstdCodec.Library) : IChunkCodec
{
    private const string Library = "libzstd.so.1";

    private readonly Lazy<bool> _loaded = new(() => NativeLibrary.TryLoad(library, out _));

    public string Name => ChunkCompression.ZstdName;

    public bool IsAvailable => _loaded.Value;

    public int CompressBound(int sourceBytes) => checked((int)ZSTD_compressBound((nuint)sourceBytes));

    public int Compress(ReadOnlySpan<byte> source, Span<byte> destination, int level)
    {
        nuint result = ZSTD_compress(
            destination, (nuint)destination.Length, source, (nuint)source.Length, level);
        if (ZSTD_isError(result) != 0)
            throw new InvalidOperationException($"Zstandard could not compress: {ErrorName(result)}.");
        return (int)result;
    }

    // A run-length block of 3 bytes and a header stands for 128 KiB.
    public long DecompressBound(int compressedBytes) => (compressedBytes + 4L) * 65536;

    public bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination, out McapError error)
    {
        nuint result = ZSTD_decompress(destination, (nuint)destination.Length, source, (nuint)source.Length);
        if (ZSTD_isError(result) != 0)
        {
            error = new McapError(
                McapErrorKind.DecompressionFailed, 0, "Zstandard frames", $"\"{ErrorName(result)}\"");
            return false;
        }

        if (result != (nuint)destination.Length)
        {
            error = new McapError(McapErrorKind.DecompressionFailed, 0,
                $"{destination.Length} bytes after decompression", $"{result}");
            return false;
        }

        error = default;
        return true;
    }

    private static string ErrorName(nuint code) =>
        Marshal.PtrToStringUTF8(ZSTD_getErrorName(code)) ?? "unknown error";

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nuint ZSTD_compressBound(nuint sourceBytes);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nuint ZSTD_compress(
        Span<byte> destination, nuint destinationBytes, ReadOnlySpan<byte> source, nuint sourceBytes,
        int level);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nuint ZSTD_decompress(
        Span<byte> destination, nuint destinationBytes, ReadOnlySpan<byte> source, nuint sourceBytes);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ZSTD_getErrorName(nuint code);
}
