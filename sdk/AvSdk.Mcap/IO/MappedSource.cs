using System.IO.MemoryMappedFiles;

namespace AvSdk.Mcap;

/// <summary>
/// A file on disk, mapped into memory: compressed bytes are read where the system's cache has them, and plain chunks
/// are not copied at all.
/// </summary>
/// <remarks>
/// For files that are finished. A file that another process cuts short while it is mapped ends this process, since
/// the system answers with a signal: read one that is still being written by <see cref="FileSource"/>.
/// </remarks>
public sealed class MappedSource : IMcapInPlaceSource, IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private bool _disposed;

    /// <summary>Maps <paramref name="path"/> as long as it is now.</summary>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    public MappedSource(string path)
    {
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        try
        {
            Length = stream.Length;
            if (Length == 0)
            {
                // There is nothing to map, and the system refuses to.
                stream.Dispose();
                return;
            }

            _file = MemoryMappedFile.CreateFromFile(
                stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        }
        catch
        {
            _file?.Dispose();
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        using McapBytes bytes = Borrow(offset, destination.Length);
        bytes.Memory.Span.CopyTo(destination);
        return bytes.Memory.Length;
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<int>(ReadAt(offset, destination.Span));
    }

    /// <inheritdoc/>
    public McapBytes Borrow(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ObjectDisposedException.ThrowIf(_disposed, this);
        int length = (int)Math.Min(count, Math.Max(0, Length - offset));
        if (length == 0)
            return default;
        MappedBytes bytes = new(_view!.SafeMemoryMappedViewHandle, _view.PointerOffset + offset, length);
        return new McapBytes(bytes.Memory, bytes);
    }

    /// <summary>Closes the file. What was borrowed stays readable until it is disposed.</summary>
    public void Dispose()
    {
        _disposed = true;
        _view?.Dispose();
        _file?.Dispose();
    }
}
