using System.Threading.Channels;

namespace AvSdk.Recording.Chunking;

/// <summary>
/// Compresses closed chunks, a few at a time, in the order in which they were closed. The queue needs no
/// bound of its own: each chunk in it holds a reservation of the memory budget.
/// </summary>
internal sealed class ChunkCompressor : IAsyncDisposable
{
    private readonly Channel<ClosedChunk> _queue = Channel.CreateUnbounded<ClosedChunk>();
    private readonly ChunkBufferPool _pool;
    private readonly MemoryBudget _memory;
    private readonly Task[] _workers;

    public ChunkCompressor(int workers, ChunkBufferPool pool, MemoryBudget memory)
    {
        _pool = pool;
        _memory = memory;
        _workers = new Task[workers];
        for (int at = 0; at < workers; at++)
            _workers[at] = Task.Run(CompressAllAsync);
    }

    /// <summary>False: it was disposed.</summary>
    public bool TryAdd(ClosedChunk chunk) => _queue.Writer.TryWrite(chunk);

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.WhenAll(_workers).ConfigureAwait(false);
    }

    private async Task CompressAllAsync()
    {
        await foreach (ClosedChunk chunk in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
            chunk.Compress(_pool, _memory);
    }
}
