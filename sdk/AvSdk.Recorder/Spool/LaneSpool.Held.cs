// While the disk refuses: a read-only or vanished file system, errors, no space. After the attempts of WriteAgainAsync the
// lane's chunks stay in its queue, and everything added goes behind them. Memory is their bound: where a message finds none,
// the oldest chunk of the lane of least value goes, see LocalRecorder. The first is tried again and again; what was lost
// meanwhile is in the ledger before it, so that nobody is told of what came after a loss and not of the loss.
using AvSdk.Recording.Chunking;
using AvSdk.Recording.Ledger;

namespace AvSdk.Recording.Spool;

/// <summary>The ring of chunks that the disk refused.</summary>
internal sealed partial class LaneSpool
{
    private static readonly TimeSpan HoldDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StopDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan HoldDelayMax = TimeSpan.FromSeconds(5);

    private const int StopAttempts = 20;

    // A ledger that alone refuses must not hold up the lane for ever: five minutes.
    private const int LedgerRefusalsMax = 60;

    private readonly CancellationTokenSource _stopping = new();
    private volatile bool _isHolding;
    private volatile bool _hasUntoldLoss;
    private int _ledgerRefusals;
    private SpoolWork? _doing;
    private long _givenUpChunks;
    private long _givenUpMessages;

    /// <summary>Chunks that wait for the disk.</summary>
    public long HeldChunks => _isHolding ? _work.Chunks : 0;

    /// <summary>
    /// Gives up the oldest chunk that waits, for the memory it takes; one that is marked stays. False: there is none.
    /// </summary>
    public bool TryDropHeld()
    {
        ClosedChunk? oldest = _work.TakeOldest(chunk => !Marks.Overlap(chunk.FirstLogTime, chunk.LastLogTime));
        if (oldest is null)
            return false;
        Lose([oldest], DropReasons.Disk, DiskError());
        return true;
    }

    private IOException DiskError() => _context.LastError ?? new IOException("The disk refuses.");

    private void RefuseFlush(SpoolWork.Flush flush, IOException error) =>
        flush.Done.TrySetException(new RecorderException(
            $"Lane {_lane.Name}: the disk refuses: {error.Message} Its chunks are held in memory, and written when it is "
            + "back; free or repair the disk. Recording goes on.", error));

    // Returns when the disk took a chunk again, or when the recorder stops and it did not.
    private async Task HoldAsync(List<ClosedChunk> chunks, IOException error)
    {
        _context.NoteError(error);
        if (_doing is SpoolWork.Flush flush)
            RefuseFlush(flush, error);
        // A settlement is of what was before it.
        _work.PutBack(chunks, _doing as SpoolWork.Settle);
        _isHolding = true;
        _work.RefuseFlushes(DiskError);
        _context.Disk.Begin(_context.Time.GetUtcNow());
        SpoolLog.DiskRefuses(_context.Log, _lane.Name, error);
        TimeSpan delay = HoldDelay;
        int lastAttempts = StopAttempts;
        bool isBack;
        do
        {
            bool isStopping = _stopping.IsCancellationRequested;
            CancellationToken sooner = isStopping ? CancellationToken.None : _stopping.Token;
            await Task.Delay(isStopping ? StopDelay : delay, _context.Time, sooner)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < HoldDelayMax ? delay * 2 : HoldDelayMax;
            isBack = await TryFirstAsync().ConfigureAwait(false);
            LogGivenUp();
        }
        while (!isBack && !(_stopping.IsCancellationRequested && --lastAttempts == 0));

        if (!isBack)
            LoseHeld();
        _isHolding = false;
        _work.TakeFlushes();
        _context.Disk.End();
        if (isBack)
            SpoolLog.DiskIsBack(_context.Log, _lane.Name);
    }

    private async Task HoldAsync(ClosedChunk chunk, IOException error)
    {
        List<ClosedChunk> chunks = TakeUnflushed();
        AbandonSegment();
        chunks.Add(chunk);
        await HoldAsync(chunks, error).ConfigureAwait(false);
    }

    // True: the disk took the first, or what there is to say of those that were given up.
    private async Task<bool> TryFirstAsync()
    {
        if (!TryTellLosses())
            return false;
        while (_work.TryTake(out SpoolWork? item))
        {
            if (item is not SpoolWork.Write { Chunk: var chunk })
            {
                // Nothing is written and not flushed: of a hold, a settlement or a tick the disk sees nothing.
                await DoAsync(item!).ConfigureAwait(false);
                continue;
            }

            if (await IsMadeAsync(chunk).ConfigureAwait(false))
                return TryFirst(chunk);
        }

        return true;
    }

    private bool TryFirst(ClosedChunk chunk)
    {
        try
        {
            switch (RoomFor(chunk))
            {
                case RoomOutcome.Made:
                    break;
                case RoomOutcome.OverQuota:
                    Lose([chunk], DropReasons.NoRoom, new IOException("There was no room for it."));
                    return true;
                case var none:
                    throw NoRoom(chunk, none);
            }

            Append(chunk);
            if (IsFlushed)
                FlushHeld();
            return true;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _ledgerRefusals = 0;
            _context.NoteError(ToIo(error));
            AbandonSegment();
            _work.PutBack([chunk]);
            return false;
        }
    }

    // What follows a loss says to its sources how far they have come, the loss included: so that is to be known before.
    private bool TryTellLosses()
    {
        bool hadLoss = _hasUntoldLoss;
        _hasUntoldLoss = false;
        if (_context.TryTellLosses())
        {
            _ledgerRefusals = 0;
            return true;
        }

        _hasUntoldLoss = hadLoss;
        return ++_ledgerRefusals >= LedgerRefusalsMax;
    }

    private void LogGivenUp()
    {
        int chunks = (int)Interlocked.Exchange(ref _givenUpChunks, 0);
        if (chunks > 0)
        {
            SpoolLog.ChunksLost(
                _context.Log, _lane.Name, chunks, Interlocked.Exchange(ref _givenUpMessages, 0), DiskError());
        }
    }

    private void LoseHeld()
    {
        List<ClosedChunk> chunks = [];
        while (_work.TakeOldest(static _ => true) is { } chunk)
            chunks.Add(chunk);
        if (chunks.Count > 0)
            Lose(chunks, DropReasons.Disk, DiskError());
    }
}
