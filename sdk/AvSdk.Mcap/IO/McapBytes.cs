using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>Bytes of a file in memory, and what keeps them there.</summary>
/// <param name="memory">The bytes; they must not change.</param>
/// <param name="hold">
/// Disposed once, by whoever has the bytes, when they are not needed any more; null: they stay anyway. Until then
/// they stay readable, even if the source is disposed.
/// </param>
public readonly struct McapBytes(ReadOnlyMemory<byte> memory, IDisposable? hold) : IDisposable
{
    private readonly IDisposable? _hold = hold;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory { get; } = memory;

    /// <summary>Bytes that were rented for it; 0 where it is a view of what is there anyway.</summary>
    internal int RentedBytes => _hold switch
    {
        PooledBytes pooled => pooled.Length,
        MergedRead.Share => Memory.Length,
        _ => 0,
    };

    /// <summary>Lets the bytes go.</summary>
    public void Dispose() => _hold?.Dispose();

    internal static McapBytes Rent(int length, ArrayPool<byte> pool, out Memory<byte> target)
    {
        PooledBytes bytes = new(length, pool);
        target = bytes.Memory;
        return new McapBytes(target, bytes);
    }

    /// <summary>A part of the bytes, with the duty to dispose them.</summary>
    internal McapBytes Slice(int offset, int length) => new(Memory.Slice(offset, length), _hold);
}
