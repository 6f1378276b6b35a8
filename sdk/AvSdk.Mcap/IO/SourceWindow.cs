using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// Reads a source forward through one buffer: what is asked for is there as a span, until the next call.
/// </summary>
internal sealed class SourceWindow(IMcapSource source, int windowBytes = 64 * 1024) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(windowBytes);
    private long _start;
    private int _count;

    /// <summary>Up to so many bytes at an offset; fewer only where the file ends.</summary>
    public ReadOnlySpan<byte> At(long offset, int count)
    {
        Fetch(new ByteRange(offset, count));
        return Fetched(offset, count);
    }

    /// <summary>The same, of a range that was fetched.</summary>
    public ReadOnlySpan<byte> Fetched(long offset, int count)
    {
        int from = (int)Math.Min(offset - _start, _count);
        return _buffer.AsSpan(from, Math.Min(count, _count - from));
    }

    public void Fetch(ByteRange range)
    {
        if (Turn(range))
            _count = source.ReadAt(_start, _buffer);
    }

    public async ValueTask FetchAsync(ByteRange range, CancellationToken cancellationToken)
    {
        if (Turn(range))
            _count = await source.ReadAtAsync(_start, _buffer, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _count = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    // Whether the range is not here: then the window begins there, empty and large enough.
    private bool Turn(ByteRange range)
    {
        if (range.Offset >= _start && range.Offset + range.Count <= _start + _count)
            return false;
        _start = range.Offset;
        _count = 0;
        if (range.Count > _buffer.Length)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _buffer = ArrayPool<byte>.Shared.Rent(range.Count);
        }

        return true;
    }
}
