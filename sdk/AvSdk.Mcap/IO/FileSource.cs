using Microsoft.Win32.SafeHandles;

namespace AvSdk.Mcap;

/// <summary>A file on disk, opened for reading; others may write to it meanwhile.</summary>
public sealed class FileSource : IMcapSource, IDisposable
{
    private readonly SafeFileHandle _file;

    /// <summary>Opens <paramref name="path"/>.</summary>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    public FileSource(string path) => _file = File.OpenHandle(
        path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public long Length => RandomAccess.GetLength(_file);

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination) => ReadAt(_file, offset, destination);

    /// <inheritdoc/>
    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        ReadAtAsync(_file, offset, destination, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Reads until the destination or the file is at its end; returns the bytes read.</summary>
    internal static int ReadAt(SafeFileHandle file, long offset, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int read = RandomAccess.Read(file, destination[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }

        return total;
    }

    /// <summary>As the synchronous one.</summary>
    internal static async ValueTask<int> ReadAtAsync(
        SafeFileHandle file, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int read = await RandomAccess
                .ReadAsync(file, destination[total..], offset + total, cancellationToken)
                .ConfigureAwait(false);
            if (read == 0)
                break;
            total += read;
        }

        return total;
    }
}
