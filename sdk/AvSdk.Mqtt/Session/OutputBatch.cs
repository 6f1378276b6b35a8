namespace AvSdk.Mqtt.Session;

/// <summary>
/// What goes to the channel in one write: packets one after the other, and, where the last is large, the rest of
/// it where its publisher keeps it.
/// </summary>
internal sealed class OutputBatch
{
    public const int Capacity = 64 * 1024;

    private byte[] _buffer = new byte[Capacity];
    private int _length;

    public ReadOnlyMemory<byte> Head => _buffer.AsMemory(0, _length);

    /// <summary>The end of the last publication's payload; empty where it is in the head.</summary>
    public ReadOnlyMemory<byte> Tail { get; set; }

    /// <summary>Whose bytes are in it.</summary>
    public List<Publication> Publications { get; } = [];

    /// <summary>A DISCONNECT is its end: nothing follows.</summary>
    public bool IsLast { get; set; }

    public bool IsEmpty => _length == 0;

    public int FreeBytes => _buffer.Length - _length;

    public Span<byte> Free => _buffer.AsSpan(_length);

    public void Clear()
    {
        // Only a packet larger than the capacity made it grow.
        if (_buffer.Length > Capacity)
            _buffer = new byte[Capacity];
        _length = 0;
        Tail = default;
        Publications.Clear();
    }

    public void Advance(int bytes) => _length += bytes;

    /// <summary>Whether so many bytes fit; an empty batch makes room for any packet.</summary>
    public bool HasRoom(int bytes)
    {
        if (bytes <= FreeBytes)
            return true;
        if (!IsEmpty)
            return false;
        _buffer = new byte[bytes];
        return true;
    }

    public bool TryAdd(ReadOnlySpan<byte> packet)
    {
        if (!HasRoom(packet.Length))
            return false;
        packet.CopyTo(Free);
        Advance(packet.Length);
        return true;
    }
}
