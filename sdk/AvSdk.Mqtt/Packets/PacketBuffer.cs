using System.Buffers;

namespace AvSdk.Mqtt.Packets;

/// <summary>
/// Collects bytes until a packet is whole, in pooled memory. Does no I/O: the owner reads into
/// <see cref="GetFreeMemory"/> and tells <see cref="Commit"/> how much came.
/// </summary>
/// <remarks>
/// A large packet gets memory of its own and is asked for up to its own end, so a payload is handed on without
/// being copied. Memory grows with what has arrived, not with what a header claims: above
/// <see cref="TrustedBytes"/> it doubles.
/// </remarks>
internal sealed class PacketBuffer(int packetBytesMax) : IDisposable
{
    private const int InitialBytes = 16 * 1024;
    private const int TrustedBytes = 1024 * 1024;
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    public int BufferedBytes => _end - _start;

    /// <summary>Takes the next packet; its body is good until the next <see cref="GetFreeMemory"/>.</summary>
    /// <returns>False: more bytes are needed, or there is an error.</returns>
    public bool TryRead(out PacketHeader header, out ReadOnlySpan<byte> body, out PacketError error)
    {
        body = default;
        if (!PacketHeader.TryRead(_buffer.AsSpan(_start, BufferedBytes), packetBytesMax, out header, out error)
            || BufferedBytes < header.PacketBytes)
        {
            return false;
        }

        int bodyStart = _start + header.HeaderBytes;
        body = _buffer.AsSpan(bodyStart, header.BodyBytes);
        _start += header.PacketBytes;
        return true;
    }

    /// <summary>
    /// Memory with the last bytes of the packet just read, for the caller to return to the shared pool: the
    /// packet's own where that wastes little, else a copy.
    /// </summary>
    public ArraySegment<byte> TakePayload(int payloadBytes)
    {
        if (payloadBytes == 0)
            return ArraySegment<byte>.Empty;
        int payloadStart = _start - payloadBytes;
        int left = _end - _start;
        bool fillsItsMemory = payloadBytes >= InitialBytes && payloadBytes >= _buffer.Length / 4 && left <= InitialBytes;
        if (!fillsItsMemory)
        {
            byte[] copy = ArrayPool<byte>.Shared.Rent(payloadBytes);
            _buffer.AsSpan(payloadStart, payloadBytes).CopyTo(copy);
            return new ArraySegment<byte>(copy, 0, payloadBytes);
        }

        byte[] taken = _buffer;
        _buffer = ArrayPool<byte>.Shared.Rent(InitialBytes);
        taken.AsSpan(_start, left).CopyTo(_buffer);
        _start = 0;
        _end = left;
        return new ArraySegment<byte>(taken, payloadStart, payloadBytes);
    }

    /// <summary>Where to read to; never empty. Call it after <see cref="TryRead"/> said that it needs more.</summary>
    public Memory<byte> GetFreeMemory()
    {
        int buffered = BufferedBytes;
        int wanted = InitialBytes;
        if (PacketHeader.TryRead(_buffer.AsSpan(_start, buffered), packetBytesMax, out PacketHeader header, out _)
            && header.PacketBytes > InitialBytes)
        {
            wanted = Math.Min(header.PacketBytes, Math.Max(TrustedBytes, 2 * buffered));
        }

        if (_buffer.Length - _start < wanted)
            MakeRoom(wanted, buffered);
        else if (buffered == 0)
            _start = _end = 0;
        return _buffer.AsMemory(_end, Math.Min(_buffer.Length, _start + wanted) - _end);
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
