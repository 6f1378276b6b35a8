// While the disk refuses: a read-only or vanished file system, errors, no space. After the attempts of WriteAgainAsync the
// lane's chunks are held in memory, and everything added goes behind them. Memory is their bound: where a message finds none,
// the oldest chunk of the lane of least value goes, see LocalRecorder. One chunk at a time is tried, until one is durable.
using AvSdk.Recording.Chunking;
using AvSdk.Recording.Ledger;

namespace AvSdk.Recording.Spool;

/// <summary>The ring of chunks that the disk refused.</summary>
internal sealed partial class LaneSpool
{
    private static readonly TimeSpan HoldDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan HoldDelayMax = TimeSpan.FromSeconds(5);

    private readonly Lock _heldGate = new();
    private readonly CancellationTokenSource _stopping = new();
    // Before all that is in the queue.
    private readonly LinkedList<SpoolWork> _held = [];
    private bool _isHolding;
    private SpoolWork.Flush? _flushing;

    /// <summary>Chunks that wait for the disk.</summary>
    public long HeldChunks
    {
        get
        {
            lock (_heldGate)
                return _isHolding ? _held.Count(static item => item is SpoolWork.Write) : 0;
        }
    }

    /// <summary>Gives up the oldest chunk that is held, for the memory it takes. False: there is none.</summary>
    public bool TryDropHeld()
    {
        ClosedChunk? oldest = null;
        lock (_heldGate)
        {
            for (LinkedListNode<SpoolWork>? node = _isHolding ? _held.First : null; node is not null; node = node.Next)
            {
                // One that is being compressed is not ours yet.
                if (node.Value is not SpoolWork.Write { Chunk: { Compressed.IsCompleted: true } chunk })
                    continue;
                _held.Remove(node);
                oldest = chunk;
                break;
            }
        }

        if (oldest is null)
            return false;
        Lose([oldest], DropReasons.Disk, _context.LastError ?? new IOException("The disk refuses."));
        return true;
    }

    private bool TryAdd(SpoolWork item)
    {
        lock (_heldGate)
        {
            if (!_isHolding)
                return _work.Writer.TryWrite(item);
            Keep(item);
            return true;
        }
    }

    private bool TryNext(out SpoolWork? item)
    {
        lock (_heldGate)
        {
            item = _held.First?.Value;
            if (item is null)
                return _work.Reader.TryRead(out item);
            _held.RemoveFirst();
            return true;
        }
    }

    // Under the gate. A flush is told at once that what it waits for is not durable.
    private void Keep(SpoolWork item)
    {
        if (item is SpoolWork.Write or SpoolWork.Settle or SpoolWork.Hold)
        {
            _held.AddLast(item);
        }
        else if (item is SpoolWork.Flush flush)
        {
            IOException error = _context.LastError ?? new IOException("The disk refuses.");
            flush.Done.TrySetException(new RecorderException(
                $"Lane {_lane.Name}: the disk refuses: {error.Message} Its chunks are held in memory, and written when it is "
                + "back; free or repair the disk. Recording goes on.", error));
        }
    }

    // Returns when the disk took a chunk again, or when the recorder stops and it did not.
    private async Task HoldAsync(List<ClosedChunk> chunks, IOException error)
    {
        BeginHold(chunks);
        _context.Disk.Begin(_context.Time.GetUtcNow());
        SpoolLog.DiskRefuses(_context.Log, _lane.Name, error);
        TimeSpan delay = HoldDelay;
        int lastAttempts = Attempts;
        while (true)
        {
            await Task.Delay(_stopping.IsCancellationRequested ? AttemptDelay : delay, _context.Time, CancellationToken.None)
                .WaitAsync(_stopping.IsCancellationRequested ? CancellationToken.None : _stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < HoldDelayMax ? delay * 2 : HoldDelayMax;
            if (await TryFirstAsync().ConfigureAwait(false))
                break;
            if (_stopping.IsCancellationRequested && --lastAttempts == 0)
            {
                LoseHeld();
                break;
            }
        }

        lock (_heldGate)
            _isHolding = false;
        _context.Disk.End();
        SpoolLog.DiskIsBack(_context.Log, _lane.Name);
    }

    private void BeginHold(List<ClosedChunk> chunks)
    {
        lock (_heldGate)
        {
            _isHolding = true;
            if (_flushing is not null)
                Keep(_flushing);
            while (_work.Reader.TryRead(out SpoolWork? item))
                Keep(item);
            PutBack(chunks);
        }
    }

    // Under the gate.
    private void PutBack(List<ClosedChunk> chunks)
    {
        for (int at = chunks.Count - 1; at >= 0; at--)
            _held.AddFirst(new SpoolWork.Write(chunks[at]));
    }

    private async Task<bool> TryFirstAsync()
    {
        ClosedChunk? first = null;
        lock (_heldGate)
        {
            if (_held.First?.Value is SpoolWork.Write { Chunk: var chunk })
            {
                first = chunk;
                _held.RemoveFirst();
            }
        }

        // The oldest were given up, and what follows is no chunk.
        if (first is null)
            return true;
        try
        {
            await first.Compressed.ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Lose([first], DropReasons.SpoolError, new IOException("The chunk could not be made.", error));
            return false;
        }

        try
        {
            Append(first);
            if (IsFlushed)
                FlushHeld();
            return true;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _context.NoteError(ToIo(error));
            AbandonSegment();
            lock (_heldGate)
                PutBack([first]);
            return false;
        }
    }

    private void LoseHeld()
    {
        List<ClosedChunk> chunks = [];
        lock (_heldGate)
        {
            foreach (SpoolWork item in _held.ToArray())
            {
                if (item is not SpoolWork.Write { Chunk.Compressed.IsCompleted: true } write)
                    continue;
                chunks.Add(write.Chunk);
                _held.Remove(item);
            }
        }

        if (chunks.Count > 0)
            Lose(chunks, DropReasons.Disk, _context.LastError ?? new IOException("The disk refuses."));
    }
}
