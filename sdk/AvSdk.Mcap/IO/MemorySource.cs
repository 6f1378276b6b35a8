namespace AvSdk.Mcap;

/// <summary>A file in memory.</summary>
/// <param name="bytes">Borrowed while the source, or anything read from it, is in use.</param>
public sealed class MemorySource(ReadOnlyMemory<byte> bytes) : IMcapInPlaceSource
{
    /// <inheritdoc/>
    public long Length => bytes.Length;

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> destination)
    {
        ReadOnlyMemory<byte> from = Borrow(offset, destination.Length).Memory;
        from.Span.CopyTo(destination);
        return from.Length;
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<int>(ReadAt(offset, destination.Span));
    }

    /// <inheritdoc/>
    public McapBytes Borrow(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (offset >= bytes.Length)
            return default;
        return new McapBytes(bytes.Slice((int)offset, Math.Min(count, bytes.Length - (int)offset)), null);
    }
}
