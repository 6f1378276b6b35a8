using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AvSdk.Mcap;

/// <summary>
/// A file whose flush can be believed: on Linux <see cref="Flush"/> is <c>fdatasync</c> and reports the
/// kernel's error.
/// </summary>
/// <remarks>
/// Reads and one flush may go beside writes, of which a flush promises nothing; writes and truncation are one at a time.
/// After a failed flush the
/// kernel may have dropped the pages and would report the next flush as good, so the file refuses further
/// writes and flushes: what was not flushed before counts as lost, and is best cut off, lest another process read it
/// from the cache and take it for durable. Reading and truncation go on. A failed write leaves
/// <see cref="Position"/> where it was, bytes after it undefined.
/// </remarks>
public sealed class DurableFile : IMcapSink, IMcapSource, IDisposable
{
    private readonly SafeFileHandle _file;
    private volatile bool _flushFailed;

    private DurableFile(string path, SafeFileHandle file)
    {
        Path = path;
        _file = file;
        Position = RandomAccess.GetLength(file);
    }

    /// <summary>The path that it was opened by.</summary>
    public string Path { get; }

    /// <summary>Where the next append goes: the end, as this object knows it.</summary>
    public long Position { get; private set; }

    /// <inheritdoc/>
    public long Length => RandomAccess.GetLength(_file);

    /// <summary>
    /// Creates a file; it must not exist. Durable as a name after <see cref="FlushDirectory"/>.
    /// </summary>
    /// <exception cref="IOException">It exists, or the folder refuses.</exception>
    public static DurableFile Create(string path) => Open(path, FileMode.CreateNew);

    /// <summary>Opens an existing file to read and to append.</summary>
    /// <exception cref="IOException">It does not exist, or cannot be opened.</exception>
    public static DurableFile OpenExisting(string path) => Open(path, FileMode.Open);

    /// <summary>Opens a file to read and to append, and creates it where there is none.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static DurableFile OpenOrCreate(string path) => Open(path, FileMode.OpenOrCreate);

    /// <summary>
    /// Makes the entries of a folder durable: without it a file just created, renamed or deleted may not be
    /// so after a power cut.
    /// </summary>
    /// <exception cref="DurableFileException">The kernel reported an error.</exception>
    public static void FlushDirectory(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!OperatingSystem.IsLinux())
            return;
        int errno = Libc.FlushFolder(path);
        if (errno != 0)
            throw Failed("flush the folder", path, errno, null);
    }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination) => FileSource.ReadAt(_file, offset, destination);

    /// <inheritdoc/>
    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        FileSource.ReadAtAsync(_file, offset, destination, cancellationToken);

    /// <summary>Appends at <see cref="Position"/>.</summary>
    /// <exception cref="DurableFileException">The disk refused; position as before.</exception>
    public void Write(ReadOnlySpan<byte> bytes) => WriteAt(Position, bytes);

    /// <summary>
    /// Writes at an offset of the file; <see cref="Position"/> goes to the end of it if it was before.
    /// </summary>
    /// <exception cref="DurableFileException">The disk refused; position as before.</exception>
    public void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        ThrowIfFlushFailed();
        try
        {
            RandomAccess.Write(_file, bytes, offset);
        }
        catch (IOException e)
        {
            throw Failed("write to", Path, ErrnoOf(e), e);
        }
        catch (ArgumentOutOfRangeException e) when (offset >= 0)
        {
            // How the runtime reports the limit on the size of files (RLIMIT_FSIZE).
            throw Failed("write to", Path, Libc.EFBIG, e);
        }

        Position = Math.Max(Position, offset + bytes.Length);
    }

    /// <summary>Cuts or extends the file; the next append goes to its end.</summary>
    /// <exception cref="DurableFileException">The disk refused.</exception>
    public void Truncate(long length)
    {
        try
        {
            RandomAccess.SetLength(_file, length);
        }
        catch (IOException e)
        {
            throw Failed("set the length of", Path, ErrnoOf(e), e);
        }

        Position = length;
    }

    /// <summary>
    /// Returns when everything written is on the disk. Where that fails it throws, and the file refuses
    /// further writes: go on in a new one.
    /// </summary>
    /// <exception cref="DurableFileException">The kernel reported an error, now or at an earlier
    /// flush.</exception>
    public void Flush()
    {
        ThrowIfFlushFailed();
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(_file);
            return;
        }

        int errno = Libc.FlushData(_file);
        if (errno == 0)
            return;
        _flushFailed = true;
        throw Failed("flush", Path, errno, null);
    }

    /// <summary>Closes the file, without a flush.</summary>
    public void Dispose() => _file.Dispose();

    private static DurableFile Open(string path, FileMode mode)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new DurableFile(
            path, File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete));
    }

    // What the runtime did not give a type of its own carries the error number as its HResult.
    private static int ErrnoOf(IOException e) => e.HResult is > 0 and < 4096 ? e.HResult : 0;

    private void ThrowIfFlushFailed()
    {
        if (!_flushFailed)
            return;
        throw new DurableFileException(
            $"An earlier flush of {Path} failed, so what it holds may be lost: go on in a new file.",
            Libc.EIO);
    }

    private static DurableFileException Failed(string what, string path, int errno, Exception? inner)
    {
        string remedy = errno switch
        {
            Libc.ENOSPC or Libc.EDQUOT =>
                "The disk or its quota is full: free space, or lower the spool's quota.",
            Libc.EROFS =>
                "The file system is read-only: check the kernel log for disk errors, then remount it.",
            Libc.EFBIG => "A limit on file size is in force: raise it (ulimit -f), or use smaller files.",
            Libc.EIO => "The disk reported an error: check the kernel log and the disk's health.",
            _ => "Check the disk, the path and its permissions.",
        };
        string cause = errno == 0 ? inner?.Message ?? "unknown error" : Marshal.GetPInvokeErrorMessage(errno);
        return new DurableFileException($"Could not {what} {path}: {cause} (errno {errno}). {remedy}", errno,
            inner);
    }
}
