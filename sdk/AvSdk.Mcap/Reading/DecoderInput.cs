using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// The bytes that a decoder was given and has not used up. Grows by doubling as bytes come, so that a length
/// in the bytes alone makes nobody rent memory.
/// </summary>
internal sealed class DecoderInput : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
    private int _start;
    private int _end;

    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    public Memory<byte> Free()
    {
        if (_start == _end)
            _start = _end = 0;
        if (_end == _buffer.Length)
        {
            int unread = _end - _start;
            byte[] target = unread > _buffer.Length / 2
                ? ArrayPool<byte>.Shared.Rent((int)Math.Min(_buffer.Length * 2L, Array.MaxLength))
                : _buffer;
            _buffer.AsSpan(_start, unread).CopyTo(target);
            if (target != _buffer)
                ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
            _start = 0;
            _end = unread;
        }

        return _buffer.AsMemory(_end);
    }

    public void Commit(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _buffer.Length - _end);
        _end += bytes;
    }

    public void Skip(int bytes) => _start += bytes;

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
