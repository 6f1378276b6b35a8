using System.Threading.Channels;
using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>
/// Fetches one reading's chunks ahead of who merges them: at most so many, then it waits, and the network
/// with it. Disposing it ends the call and gives the memory of what was not taken back.
/// </summary>
internal sealed class ChunkFeed : IAsyncDisposable
{
    private readonly System.Threading.Channels.Channel<LoadedChunk> _ahead;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _fetching;

    public ChunkFeed(
        IQueryTransport transport, V1.Selection selection, ChunkAssembler assembler, int prefetchChunks)
    {
        Assembler = assembler;
        _ahead = System.Threading.Channels.Channel.CreateBounded<LoadedChunk>(
            new BoundedChannelOptions(prefetchChunks) { SingleReader = true, SingleWriter = true });
        _fetching = Task.Run(() => FetchAsync(transport, selection), CancellationToken.None);
    }

    /// <summary>
    /// What the chunks are made with; its <see cref="ChunkAssembler.AsOf"/> is set before the first chunk.
    /// </summary>
    public ChunkAssembler Assembler { get; }

    /// <summary>The next chunk, the caller's to dispose; null after the last.</summary>
    /// <exception cref="AvQueryException">The reading failed; what came before has been given.</exception>
    public async ValueTask<LoadedChunk?> NextAsync(CancellationToken cancellationToken)
    {
        while (await _ahead.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_ahead.Reader.TryRead(out LoadedChunk? chunk))
                return chunk;
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _fetching.ConfigureAwait(false);
        while (_ahead.Reader.TryRead(out LoadedChunk? chunk))
            chunk.Dispose();
        Assembler.Dispose();
        _stopping.Dispose();
    }

    private async Task FetchAsync(IQueryTransport transport, V1.Selection selection)
    {
        try
        {
            IAsyncEnumerable<V1.ReadReply> replies = transport.ReadAsync(selection, _stopping.Token);
            await foreach (V1.ReadReply reply in replies.ConfigureAwait(false))
            {
                if (Assembler.Take(reply) is { } chunk)
                    await HandOverAsync(chunk).ConfigureAwait(false);
            }

            Assembler.CheckComplete();
            _ahead.Writer.TryComplete();
        }
#pragma warning disable CA1031 // Every failure goes to the reader, which is the one who can act on it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _ahead.Writer.TryComplete(exception);
        }
    }

    private async ValueTask HandOverAsync(LoadedChunk chunk)
    {
        try
        {
            await _ahead.Writer.WriteAsync(chunk, _stopping.Token).ConfigureAwait(false);
        }
        catch
        {
            chunk.Dispose();
            throw;
        }
    }
}
