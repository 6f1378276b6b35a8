using System.Runtime.InteropServices;

namespace AvSdk.Fuzz.Lz4;

/// <summary>
/// Memory with pages around it that nobody may touch: a read or write out of bounds ends the process at once instead
/// of going unnoticed. Linux; elsewhere a plain buffer.
/// </summary>
public sealed unsafe partial class GuardedBuffer : IDisposable
{
    private const int PageBytes = 64 * 1024;

    private readonly byte* _start;
    private readonly int _bytes;

    public GuardedBuffer(int bytesMax)
    {
        _bytes = (bytesMax + PageBytes - 1) / PageBytes * PageBytes;
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)(_bytes + (2 * PageBytes)), PageBytes);
        Protect(_start, isOpen: false);
        Protect(_start + PageBytes + _bytes, isOpen: false);
    }

    /// <summary>So many bytes that end where the forbidden pages begin.</summary>
    public Span<byte> AtEnd(int bytes) => new(_start + PageBytes + _bytes - bytes, Checked(bytes));

    /// <summary>So many bytes that begin where the forbidden pages end.</summary>
    public Span<byte> AtStart(int bytes) => new(_start + PageBytes, Checked(bytes));

    public void Dispose()
    {
        Protect(_start, isOpen: true);
        Protect(_start + PageBytes + _bytes, isOpen: true);
        NativeMemory.AlignedFree(_start);
    }

    private int Checked(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _bytes);
        return bytes;
    }

    private static void Protect(byte* page, bool isOpen)
    {
        const int ReadWrite = 3;
        if (OperatingSystem.IsLinux() && MProtect(page, PageBytes, isOpen ? ReadWrite : 0) != 0)
            throw new InvalidOperationException("mprotect failed");
    }

    [LibraryImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MProtect(byte* address, nint bytes, int protection);
}
