namespace AvSdk.Mcap;

/// <summary>A file in memory.</summary>
/// <param name="bytes">Borrowed while the source is in use.</param>
public sealed class MemorySource(ReadOnlyMemory<byte> bytes) : IMcapSource
{
    /// <inheritdoc/>
    public long Length => bytes.Length;

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset >= bytes.Length)
            return 0;
        ReadOnlySpan<byte> from = bytes.Span[(int)offset..];
        int count = Math.Min(from.Length, destination.Length);
        from[..count].CopyTo(destination);
        return count;
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<int>(ReadAt(offset, destination.Span));
    }
}
