using System.Threading.Channels;
using AvSdk.Recording.Chunking;

namespace AvSdk.Recording.Spool;

/// <summary>
/// What a lane's writer has still to do, in order. Chunks can be given up out of it: while the disk refuses it is the ring
/// that holds them. Safe for any number of threads; one takes.
/// </summary>
/// <remarks>It needs no bound of its own: each chunk in it holds a reservation of memory.</remarks>
internal sealed class SpoolQueue
{
    private readonly Lock _gate = new();
    private readonly LinkedList<SpoolWork> _items = [];
    private readonly Channel<bool> _added = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private Func<IOException>? _refusal;
    private bool _isComplete;

    /// <summary>Told each flush that is added, or is there, while the disk refuses: it is not to wait.</summary>
    public required Action<SpoolWork.Flush, IOException> FlushRefused { get; init; }

    /// <summary>Chunks that wait.</summary>
    public int Chunks
    {
        get
        {
            lock (_gate)
                return _items.Count(static item => item is SpoolWork.Write);
        }
    }

    /// <summary>False: it was completed.</summary>
    public bool TryAdd(SpoolWork item)
    {
        IOException error;
        lock (_gate)
        {
            if (_isComplete)
                return false;
            if (item is not SpoolWork.Flush || _refusal is null)
            {
                _items.AddLast(item);
                _added.Writer.TryWrite(true);
                return true;
            }

            error = _refusal();
        }

        FlushRefused((SpoolWork.Flush)item, error);
        return true;
    }

    public bool TryTake(out SpoolWork? item)
    {
        lock (_gate)
        {
            item = _items.First?.Value;
            if (item is not null)
                _items.RemoveFirst();
            return item is not null;
        }
    }

    /// <summary>Chunks that were taken go back before all others, in this order, and one that followed them.</summary>
    public void PutBack(IReadOnlyList<ClosedChunk> chunks, SpoolWork? then = null)
    {
        lock (_gate)
        {
            if (then is not null)
                _items.AddFirst(then);
            for (int at = chunks.Count - 1; at >= 0; at--)
                _items.AddFirst(new SpoolWork.Write(chunks[at]));
        }
    }

    /// <summary>Takes the oldest chunk that may go; one that is being compressed is not ours yet.</summary>
    public ClosedChunk? TakeOldest(Func<ClosedChunk, bool> mayGo)
    {
        lock (_gate)
        {
            for (LinkedListNode<SpoolWork>? node = _items.First; node is not null; node = node.Next)
            {
                if (node.Value is not SpoolWork.Write { Chunk: { Compressed.IsCompletedSuccessfully: true } chunk }
                    || !mayGo(chunk))
                {
                    continue;
                }

                _items.Remove(node);
                return chunk;
            }

            return null;
        }
    }

    /// <summary>From now on no flush waits: what it waits for is not durable, and is not going to be soon.</summary>
    public void RefuseFlushes(Func<IOException> error)
    {
        List<SpoolWork.Flush> flushes;
        lock (_gate)
        {
            _refusal = error;
            flushes = [.. _items.OfType<SpoolWork.Flush>()];
            foreach (SpoolWork.Flush flush in flushes)
                _items.Remove(flush);
        }

        foreach (SpoolWork.Flush flush in flushes)
            FlushRefused(flush, error());
    }

    /// <summary>Flushes wait again.</summary>
    public void TakeFlushes()
    {
        lock (_gate)
            _refusal = null;
    }

    /// <summary>False: it is complete, and nothing is left.</summary>
    public async ValueTask<bool> WaitAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_items.Count > 0)
                    return true;
                if (_isComplete)
                    return false;
            }

            if (await _added.Reader.WaitToReadAsync().ConfigureAwait(false))
                _added.Reader.TryRead(out _);
        }
    }

    /// <summary>Nothing more is added.</summary>
    public void Complete()
    {
        lock (_gate)
            _isComplete = true;
        _added.Writer.TryComplete();
    }
}
