using AvSdk.Recording.Spool;

namespace AvSdk.Testing;

/// <summary>A file of a <see cref="MemorySpoolFiles"/> that somebody has open.</summary>
internal sealed class MemorySpoolFile(MemorySpoolFiles disk, MemoryFile file) : ISpoolFile
{
    private bool _disposed;

    public string Name { get; } = file.Name;

    public long LengthBytes => disk.LengthOf(file);

    public void Append(ReadOnlySpan<byte> data)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        disk.Append(file, data);
    }

    public int Read(long offset, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return disk.Read(file, offset, destination);
    }

    public void Truncate(long lengthBytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        disk.Truncate(file, lengthBytes);
    }

    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        disk.Flush(file);
    }

    public void Dispose() => _disposed = true;
}
