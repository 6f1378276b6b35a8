using System.Buffers;

namespace AvSdk.Contracts.Carrier;

/// <summary>A serialised message, whose pieces are under way at the same time; given back after the last.</summary>
internal sealed class SharedBuffer(int bytes)
{
    private readonly byte[] _array = ArrayPool<byte>.Shared.Rent(bytes);
    private int _users = 1;

    public Memory<byte> Memory => _array.AsMemory(0, bytes);

    public void Use() => Interlocked.Increment(ref _users);

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            ArrayPool<byte>.Shared.Return(_array);
    }
}
