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
        if (offset < _start || offset + count > _start + _count)
            Load(offset, count);
        int from = (int)(offset - _start);
        return _buffer.AsSpan(from, Math.Min(count, _count - from));
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _count = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Load(long offset, int count)
    {
        if (count > _buffer.Length)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _buffer = ArrayPool<byte>.Shared.Rent(count);
        }

        _start = offset;
        _count = 0;
        _count = source.ReadAt(offset, _buffer);
    }
}
