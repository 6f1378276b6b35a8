using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace AvSdk.Grpc.Server.Buffers;

/// <summary>
/// The memory that Kestrel receives into and sends from, in blocks larger than its own 4 KiB: a stream of large messages
/// costs a system call, a segment and a wake-up for each.
/// </summary>
/// <remarks>
/// Blocks are pinned for good, so that no receive pins them. Of those that are free as many are kept as make up <see
/// cref="KeptBytesMax"/>; the rest is the collector's. Safe for any number of threads.
/// </remarks>
internal sealed class ReceiveBlockPool(int blockBytes) : MemoryPool<byte>
{
    public const int KeptBytesMax = 64 << 20;
    private readonly ConcurrentQueue<Block> _free = new();
    private int _kept;
    private volatile bool _disposed;

    public override int MaxBufferSize => blockBytes;

    /// <summary>Blocks that wait to be rented.</summary>
    internal int Free => Volatile.Read(ref _kept);

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, blockBytes);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_free.TryDequeue(out Block? block))
            return new Block(this, blockBytes);
        Interlocked.Decrement(ref _kept);
        block.Rent();
        return block;
    }

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        _free.Clear();
    }

    private void Return(Block block)
    {
        if (_disposed)
            return;
        if (Interlocked.Increment(ref _kept) > KeptBytesMax / blockBytes)
        {
            Interlocked.Decrement(ref _kept);
            return;
        }

        _free.Enqueue(block);
    }

    /// <summary>Makes such pools, one for each listener.</summary>
    internal sealed class Factory(int blockBytes) : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options) => new ReceiveBlockPool(blockBytes);
    }

    private sealed class Block(ReceiveBlockPool pool, int bytes) : IMemoryOwner<byte>
    {
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        private int _isRented = 1;

        public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(_bytes, 0, _bytes.Length);

        public void Rent() => _isRented = 1;

        // A second return would lend it twice.
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isRented, 0) == 1)
                pool.Return(this);
        }
    }
}
