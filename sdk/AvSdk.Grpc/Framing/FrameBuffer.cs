using System.Buffers;

namespace AvSdk.Grpc.Framing;

/// <summary>
/// Collects the bytes of a body until a message is whole, in one piece of pooled memory. Does no I/O: the
/// owner reads into
/// <see cref="GetFreeMemory"/> and tells <see cref="Commit"/> how much came.
/// </summary>
/// <remarks>
/// A large message is asked for up to its own end and the next prefix, so nothing of it is ever moved. Memory
/// grows with what has arrived, not with what a prefix claims: above <see cref="TrustedBytes"/> it doubles.
/// </remarks>
internal sealed class FrameBuffer(int messageBytesMax, string limitName) : IDisposable
{
    private const int InitialBytes = 16 * 1024;
    private const int TrustedBytes = 1024 * 1024;
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>What is here and belongs to no message that was read.</summary>
    public int BufferedBytes => _end - _start;

    /// <summary>
    /// Reads the next message; its span is good until the next <see cref="GetFreeMemory"/>.
    /// </summary>
    /// <returns>False: more bytes are needed.</returns>
    /// <exception cref="GrpcException">Over the limit, compressed, or no gRPC message.</exception>
    public bool TryRead(out ReadOnlySpan<byte> message)
    {
        message = default;
        ReadOnlySpan<byte> buffered = _buffer.AsSpan(_start, BufferedBytes);
        FrameRead read = MessageFraming.ReadPrefix(buffered, messageBytesMax, out uint messageBytes);
        if (read == FrameRead.NeedMore)
            return false;
        if (read != FrameRead.Ok)
            throw MessageFraming.Failure(read, messageBytes, messageBytesMax, limitName);
        if (buffered.Length - MessageFraming.PrefixBytes < messageBytes)
            return false;
        message = buffered.Slice(MessageFraming.PrefixBytes, (int)messageBytes);
        _start += MessageFraming.PrefixBytes + (int)messageBytes;
        return true;
    }

    /// <summary>
    /// Where to read to; never empty. Call it after <see cref="TryRead"/> said that it needs more.
    /// </summary>
    public Memory<byte> GetFreeMemory()
    {
        int buffered = BufferedBytes;
        long wanted = InitialBytes;
        ReadOnlySpan<byte> begun = _buffer.AsSpan(_start, buffered);
        if (MessageFraming.ReadPrefix(begun, messageBytesMax, out uint length) == FrameRead.Ok)
            wanted = Math.Max(2L * MessageFraming.PrefixBytes + length, InitialBytes);
        wanted = Math.Min(wanted, Math.Max(TrustedBytes, 2L * buffered));
        int capacity = (int)Math.Min(wanted, Array.MaxLength);
        if (_buffer.Length - _start < capacity)
            MakeRoom(capacity, buffered);
        return _buffer.AsMemory(_end, Math.Min(_buffer.Length - _end, _start + capacity - _end));
    }

    public void Commit(int bytes) => _end += bytes;

    public void Dispose()
    {
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        _start = _end = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private void MakeRoom(int capacity, int buffered)
    {
        byte[] from = _buffer;
        if (from.Length < capacity)
            _buffer = ArrayPool<byte>.Shared.Rent(capacity);
        from.AsSpan(_start, buffered).CopyTo(_buffer);
        if (from.Length > 0 && from != _buffer)
            ArrayPool<byte>.Shared.Return(from);
        _start = 0;
        _end = buffered;
    }
}
