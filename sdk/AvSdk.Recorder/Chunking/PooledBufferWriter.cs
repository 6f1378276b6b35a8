using System.Buffers;

namespace AvSdk.Recording.Chunking;

/// <summary>Bytes that are written once and read once, in one array of a pool.</summary>
internal sealed class PooledBufferWriter(ArrayPool<byte> pool) : IBufferWriter<byte>, IDisposable
{
    private byte[] _array = [];

    public int WrittenBytes { get; private set; }

    public int CapacityBytes => _array.Length;

    public ReadOnlyMemory<byte> Written => _array.AsMemory(0, WrittenBytes);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - WrittenBytes);
        WrittenBytes += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _array.AsMemory(WrittenBytes);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _array.AsSpan(WrittenBytes);
    }

    /// <summary>Empties it; the array stays.</summary>
    public void Clear() => WrittenBytes = 0;

    public void Dispose()
    {
        if (_array.Length > 0)
            pool.Return(_array);
        _array = [];
        WrittenBytes = 0;
    }

    private void Ensure(int sizeHint)
    {
        int needed = checked(WrittenBytes + Math.Max(sizeHint, 1));
        if (needed <= _array.Length)
            return;
        byte[] grown = pool.Rent(Math.Max(needed, (int)Math.Min(2L * WrittenBytes, Array.MaxLength)));
        _array.AsSpan(0, WrittenBytes).CopyTo(grown);
        if (_array.Length > 0)
            pool.Return(_array);
        _array = grown;
    }
}
