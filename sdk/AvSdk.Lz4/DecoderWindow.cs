using System.Buffers;

namespace AvSdk.Lz4;

/// <summary>
/// Decoded content in a rented buffer: the history that linked blocks refer to, then what is still to be
/// given out.
/// </summary>
/// <remarks>Layout: <c>… history | pending | room for a block</c>. A block is only added when nothing is
/// pending.
/// </remarks>
internal sealed class DecoderWindow(ArrayPool<byte> pool)
{
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>Forgets history and pending content.</summary>
    public void Clear()
    {
        _start = 0;
        _end = 0;
    }

    /// <summary>Makes room for a block; returns the history it may refer to and the room behind it.</summary>
    public Span<byte> Reserve(in Lz4FrameHeader header, out int historyBytes)
    {
        historyBytes = header.LinkedBlocks ? Math.Min(_end, FrameFormat.WindowBytes) : 0;
        int neededBytes = header.LinkedBlocks
            ? FrameFormat.WindowBytes + Math.Max(header.BlockBytesMax, 4 * FrameFormat.WindowBytes)
            : header.BlockBytesMax;
        if (_buffer.Length < neededBytes)
            Grow(neededBytes);
        if (!header.LinkedBlocks || _buffer.Length - _end < header.BlockBytesMax)
        {
            _buffer.AsSpan(_end - historyBytes, historyBytes).CopyTo(_buffer);
            _end = historyBytes;
        }

        return _buffer.AsSpan(_end - historyBytes, historyBytes + header.BlockBytesMax);
    }

    /// <summary>Takes the bytes decoded into the room as pending.</summary>
    public void Commit(int contentBytes)
    {
        _start = _end;
        _end += contentBytes;
    }

    /// <summary>Gives out pending content; true when none is left.</summary>
    public bool Drain(Span<byte> output, ref int written)
    {
        int take = Math.Min(_end - _start, output.Length - written);
        _buffer.AsSpan(_start, take).CopyTo(output[written..]);
        written += take;
        _start += take;
        return _start == _end;
    }

    /// <summary>Gives the buffer back to the pool.</summary>
    public void Release()
    {
        Clear();
        if (_buffer.Length > 0)
            pool.Return(_buffer);
        _buffer = [];
    }

    private void Grow(int neededBytes)
    {
        byte[] larger = pool.Rent(neededBytes);
        _buffer.AsSpan(0, _end).CopyTo(larger);
        if (_buffer.Length > 0)
            pool.Return(_buffer);
        _buffer = larger;
    }
}
