using System.Runtime.InteropServices;

namespace AvSdk.Mcap;

/// <summary>
/// The flushes of the C library. The runtime's own (RandomAccess.FlushToDisk, FileStream.Flush(true)) report
/// success when the system call failed, which for a durability promise is the one thing that must not happen.
/// </summary>
internal static partial class Libc
{
    public const int EIO = 5;
    public const int EINTR = 4;
    public const int EFBIG = 27;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int EDQUOT = 122;

    private const int O_RDONLY = 0;
    private const int O_CLOEXEC = 0x80000;

    /// <summary>Flushes data and what is needed to find it. Returns 0 or the error number.</summary>
    public static int FlushData(SafeHandle file) => Retry(file, fdatasync);

    /// <summary>
    /// Flushes a folder's entries: after it a file created or renamed there is found again.
    /// </summary>
    public static int FlushFolder(string path)
    {
        int folder = open(path, O_RDONLY | O_CLOEXEC);
        if (folder < 0)
            return Marshal.GetLastPInvokeError();
        try
        {
            int result;
            do
            {
                result = fsync(folder);
            }
            while (result != 0 && Marshal.GetLastPInvokeError() == EINTR);
            return result == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        finally
        {
            _ = close(folder);
        }
    }

    private static int Retry(SafeHandle file, Func<int, int> call)
    {
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            while (true)
            {
                if (call((int)file.DangerousGetHandle()) == 0)
                    return 0;
                int errno = Marshal.GetLastPInvokeError();
                if (errno != EINTR)
                    return errno == 0 ? EIO : errno;
            }
        }
        finally
        {
            if (held)
                file.DangerousRelease();
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fdatasync(int file);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int fsync(int file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int file);
}
