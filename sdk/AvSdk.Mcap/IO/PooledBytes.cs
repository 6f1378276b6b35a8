using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>Exactly so many bytes of a rented array, given back when disposed.</summary>
internal sealed class PooledBytes : IMemoryOwner<byte>
{
    private readonly ArrayPool<byte> _pool;
    private readonly int _length;
    private byte[]? _array;

    public PooledBytes(int length, ArrayPool<byte>? pool = null)
    {
        _pool = pool ?? ArrayPool<byte>.Shared;
        _array = _pool.Rent(length);
        _length = length;
    }

    public Memory<byte> Memory =>
        (_array ?? throw new ObjectDisposedException(nameof(IMemoryOwner<byte>))).AsMemory(0, _length);

    public void Dispose()
    {
        byte[]? array = Interlocked.Exchange(ref _array, null);
        if (array is not null)
            _pool.Return(array);
    }
}
