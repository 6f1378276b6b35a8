namespace AvSdk.Mcap;

/// <summary>A file's bytes, by position. Safe for several readers at once unless the type says otherwise.</summary>
public interface IMcapSource
{
    /// <summary>Bytes of the file now.</summary>
    long Length { get; }

    /// <summary>
    /// Reads at <paramref name="offset"/>; fills <paramref name="destination"/> unless the file ends before.
    /// Returns the bytes read.
    /// </summary>
    int ReadAt(long offset, Span<byte> destination);

    /// <summary>
    /// As <see cref="ReadAt"/>; <paramref name="destination"/> is borrowed until the task ends.
    /// </summary>
    ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken);
}
