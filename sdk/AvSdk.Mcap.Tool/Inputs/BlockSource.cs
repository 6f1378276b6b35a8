namespace AvSdk.Mcap.Tool.Inputs;

/// <summary>
/// A remote file for whoever reads it from its beginning to its end in small pieces: asks for a large block at a
/// time. One reader.
/// </summary>
/// <param name="source">Borrowed.</param>
internal sealed class BlockSource(IMcapRemoteSource source) : IMcapSource
{
    private readonly byte[] _block = new byte[source.MergedBytesMax];
    private long _start;
    private int _count;

    public long Length => source.Length;

    public int ReadAt(long offset, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length && offset + total < Length)
        {
            if (destination.Length - total >= _block.Length)
                return total + source.ReadAt(offset + total, destination[total..]);
            if (!IsHere(offset + total))
            {
                _count = 0;
                _start = offset + total;
                _count = source.ReadAt(_start, _block.AsSpan(0, (int)Math.Min(_block.Length, Length - _start)));
                if (_count == 0)
                    break;
            }

            total += CopyFrom(offset + total, destination[total..]);
        }

        return total;
    }

    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<int>(ReadAt(offset, destination.Span));
    }

    private bool IsHere(long offset) => offset >= _start && offset < _start + _count;

    private int CopyFrom(long offset, Span<byte> destination)
    {
        ReadOnlySpan<byte> here = _block.AsSpan((int)(offset - _start), _count - (int)(offset - _start));
        int count = Math.Min(here.Length, destination.Length);
        here[..count].CopyTo(destination);
        return count;
    }
}
