namespace AvSdk.Mcap;

/// <summary>A seekable stream as a source. The stream has but one position: its reads wait for one another.</summary>
#pragma warning disable CA1001 // The gate's wait handle is never asked for, so there is nothing to dispose.
public sealed class StreamSource : IMcapSource
#pragma warning restore CA1001
{
    private readonly Stream _stream;
    private readonly SemaphoreSlim _gate = new(1, 1);

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
        _gate.Wait(CancellationToken.None);
        try
        {
            _stream.Position = offset;
            return _stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAtAsync(
        long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _stream.Position = offset;
            return await _stream.ReadAtLeastAsync(destination, destination.Length, false, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }
}
