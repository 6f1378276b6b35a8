namespace AvSdk.Mcap;

/// <summary>A seekable stream as a source. One read at a time, for the stream has but one position.</summary>
public sealed class StreamSource : IMcapSource
{
    private readonly Stream _stream;

    /// <summary>Reads <paramref name="stream"/>, which is borrowed: whoever made it disposes it.</summary>
    /// <exception cref="ArgumentException">The stream cannot seek.</exception>
    public StreamSource(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
        {
            throw new ArgumentException(
                "Reading by index needs a stream that can seek; read this one with McapStreamReader.",
                nameof(stream));
        }

        _stream = stream;
    }

    /// <inheritdoc/>
    public long Length => _stream.Length;

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        _stream.Position = offset;
        return _stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination,
        CancellationToken cancellationToken)
    {
        _stream.Position = offset;
        return _stream.ReadAtLeastAsync(destination, destination.Length, false, cancellationToken);
    }
}
