using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>Exactly so many bytes of a rented array, given back when disposed.</summary>
internal sealed class PooledBytes : IMemoryOwner<byte>
{
    private readonly ArrayPool<byte> _pool;
    private byte[]? _array;

    public PooledBytes(int length, ArrayPool<byte>? pool = null)
    {
        _pool = pool ?? ArrayPool<byte>.Shared;
        _array = _pool.Rent(length);
        Length = length;
    }

    public int Length { get; }

    public Memory<byte> Memory =>
        (_array ?? throw new ObjectDisposedException(nameof(IMemoryOwner<byte>))).AsMemory(0, Length);

    public void Dispose()
    {
        byte[]? array = Interlocked.Exchange(ref _array, null);
        if (array is not null)
            _pool.Return(array);
    }
}
