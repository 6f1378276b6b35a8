using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>A buffer to write to that grows in rented arrays and keeps its room when it is emptied.</summary>
internal sealed class PooledWriter : IBufferWriter<byte>, IDisposable
{
    private byte[] _array = [];

    public int Count { get; private set; }

    public int HeldBytes => _array.Length;

    public ReadOnlySpan<byte> Written => _array.AsSpan(0, Count);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - Count);
        Count += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _array.AsMemory(Count);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _array.AsSpan(Count);
    }

    /// <summary>Empties it; an array larger than asked for goes back to the pool.</summary>
    public void Clear(int keepBytesMax = int.MaxValue)
    {
        Count = 0;
        if (_array.Length > keepBytesMax)
            Dispose();
    }

    public void Dispose()
    {
        byte[] array = _array;
        _array = [];
        Count = 0;
        if (array.Length > 0)
            ArrayPool<byte>.Shared.Return(array);
    }

    private void MakeRoom(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int needed = Math.Max(sizeHint, 256);
        if (_array.Length - Count >= needed)
            return;
        long doubled = Math.Min(_array.Length * 2L, Array.MaxLength);
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(doubled, checked(Count + needed)));
        Written.CopyTo(larger);
        if (_array.Length > 0)
            ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
