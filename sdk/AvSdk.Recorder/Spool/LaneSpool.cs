using AvSdk.Recording.Chunking;
using AvSdk.Recording.Ledger;

namespace AvSdk.Recording.Spool;

/// <summary>
/// Writes the chunks of one lane to its segments, in the order in which they were closed, and makes them
/// durable as the lane's contract says. Only then does a chunk count: it is announced, its sources are told,
/// its memory is free. So whatever a gateway or a source was told survives what the contract covers.
/// </summary>
/// <remarks>
/// Add is safe for any number of threads; one task writes. Chunks that are written but not durable yet are
/// kept in memory: when a write or a flush fails, nothing of the segment after its last good flush is
/// trusted, and they are written again to a new one; where the disk goes on refusing they wait in the queue.
/// </remarks>
internal sealed partial class LaneSpool : IAsyncDisposable
{
    private const int Attempts = 4;
    private static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(100);

    private readonly SpoolQueue _work;
    private readonly LaneSpoolContext _context;
    private readonly SpoolRecording _recording;
    private readonly SpoolLane _lane;
    private readonly LaneChain _chain;
    private readonly List<(ClosedChunk Chunk, ChunkPlace Place)> _unflushed = [];
    private readonly HashSet<string> _usedNames = new(StringComparer.Ordinal);
    private readonly ITimer _interval;
    private readonly long _unflushedBytesMax;
    private SegmentWriter? _segment;
    private long _segmentStartedAt;
    private long _unflushedBytes;
    // Neither ever falls.
    private long _lostChunks;
    private long _lossesTold;
    private IOException? _lostTo;
    private Task _writer = Task.CompletedTask;

    public LaneSpool(LaneSpoolContext context, SpoolRecording recording, SpoolLane lane)
    {
        _context = context;
        _work = new SpoolQueue { FlushRefused = RefuseFlush };
        _recording = recording;
        _lane = lane;
        _chain = new LaneChain(RecordingIds.ToBytes(recording.Id), lane.Name);
        _unflushedBytesMax = context.Memory.BytesMax / 8;
        _interval = context.Time.CreateTimer(
            static spool => ((LaneSpool)spool!)._work.TryAdd(new SpoolWork.IntervalOver()), this,
            Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public LaneQuota Quota => _lane.Quota;

    public SpoolLane Lane => _lane;

    public MarkWindows Marks => _context.Index.Marks;

    /// <summary>The sequence of the last chunk that counts; 0: none.</summary>
    public ulong LastSequence => _chain.CommittedSequence;

    /// <summary>Its hash; 32 zero bytes: none. Once the lane has stopped.</summary>
    public Google.Protobuf.ByteString LastSha256 => _chain.CommittedSha256;

    public void Start() => _writer = Task.Run(WriteAllAsync);

    /// <summary>Adds a chunk; calls must come in the order of the lane.</summary>
    public void Add(ClosedChunk chunk) => _work.TryAdd(new SpoolWork.Write(chunk));

    public void Tick() => _work.TryAdd(new SpoolWork.Tick());

    /// <summary>Lost chunks that flushes were told of so far; for <see cref="FlushAsync"/>.</summary>
    public long LossesTold => Volatile.Read(ref _lossesTold);

    /// <summary>Completes when everything added before is durable as the lane's contract says.</summary>
    /// <param name="lossesTold">
    /// <see cref="LossesTold"/> from before the caller closed its chunks. A loss is told to every flush that
    /// was asked for before it was told: one flusher must not take it from another, which would think itself
    /// safe.
    /// </param>
    /// <exception cref="RecorderException">Some of it could not be written and is lost.</exception>
    public Task FlushAsync(long lossesTold)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_work.TryAdd(new SpoolWork.Flush(done, lossesTold)))
            done.TrySetResult();
        return done.Task;
    }

    /// <summary>
    /// Completes when everything added before is as durable as the lane's contract says, or lost, which it does not tell.
    /// With options the segment is sealed, and what is added from now on goes by them.
    /// </summary>
    public Task SettleAsync(LaneOptions? options)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return _work.TryAdd(new SpoolWork.Settle(done, options)) ? done.Task : _writer;
    }

    /// <summary>What is added from now on is written only once a task has completed, which never fails.</summary>
    public void HoldUntil(Task earlier) => _work.TryAdd(new SpoolWork.Hold(earlier));

    /// <summary>
    /// Nothing more is added, and a disk that refuses is not waited for. All lanes, before the first is disposed: one may
    /// wait for another.
    /// </summary>
    public void Stop()
    {
        _work.Complete();
        _stopping.Cancel();
    }

    /// <summary>Writes what was added, seals the segment, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await _writer.ConfigureAwait(false);
        await _interval.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private bool IsFlushed => _lane.Options.Durability is not LaneDurability.InMemory;

    private async Task WriteAllAsync()
    {
        do
        {
            while (await _work.WaitAsync().ConfigureAwait(false))
            {
                while (_work.TryTake(out SpoolWork? item))
                    await DoAsync(item!).ConfigureAwait(false);

                // The queue is empty: a batch ends.
                if (_lane.Options.Durability is LaneDurability.EachBatch)
                    await FlushSegmentAsync().ConfigureAwait(false);
            }

            // What it is refused is in the queue again.
            await FlushSegmentAsync().ConfigureAwait(false);
        }
        while (_unflushed.Count > 0 || _work.Chunks > 0);
        LogGivenUp();
        SealSegment();
    }

    private async ValueTask DoAsync(SpoolWork item)
    {
        switch (item)
        {
            case SpoolWork.Write write:
                await WriteAsync(write.Chunk).ConfigureAwait(false);
                break;
            case SpoolWork.Flush flush:
                _doing = flush;
                await FlushSegmentAsync().ConfigureAwait(false);
                _doing = null;
                CompleteFlush(flush);
                break;
            case SpoolWork.Settle settle:
                _doing = settle;
                bool isSettled = await FlushSegmentAsync().ConfigureAwait(false);
                _doing = null;
                if (isSettled)
                    Complete(settle);
                break;
            case SpoolWork.Hold hold:
                await hold.Until.ConfigureAwait(false);
                break;
            case SpoolWork.IntervalOver:
                await FlushSegmentAsync().ConfigureAwait(false);
                break;
            case SpoolWork.Tick:
                LogGivenUp();
                if (_segment is not null && IsOld)
                {
                    await FlushSegmentAsync().ConfigureAwait(false);
                    SealSegment();
                }

                break;
            default:
                break;
        }
    }

    private bool IsOld => _context.Time.GetElapsedTime(_segmentStartedAt) >= _lane.Options.SegmentAgeMax;

    private long SegmentBytesMax => Math.Min(_lane.Options.SegmentTargetBytes, _context.SegmentBytesMax());

    private async ValueTask WriteAsync(ClosedChunk chunk)
    {
        if (!await IsMadeAsync(chunk).ConfigureAwait(false) || !await FindRoomAsync(chunk).ConfigureAwait(false))
            return;
        try
        {
            Append(chunk);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            await WriteAgainAsync(ToIo(error), chunk).ConfigureAwait(false);
        }

        if (_unflushedBytes >= _unflushedBytesMax)
            await FlushSegmentAsync().ConfigureAwait(false);
        if (_segment is not null && (_segment.LengthBytes >= SegmentBytesMax || IsOld))
        {
            await FlushSegmentAsync().ConfigureAwait(false);
            SealSegment();
        }
    }

    private async ValueTask<bool> IsMadeAsync(ClosedChunk chunk)
    {
        try
        {
            await chunk.Compressed.ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            SpoolLog.CompressionFailed(_context.Log, _lane.Name, error);
            Lose([chunk], DropReasons.SpoolError, new IOException("The chunk could not be made.", error));
            return false;
        }
    }

    // There is when a message is accepted. Then somebody else may fill the disk, or mark what was to go. What a mark
    // leaves no room for is written over the quota, by no more than the memory holds, unless its lane evicts: there it
    // is of less value than all that stayed. Room that may come is waited for, in memory.
    private async ValueTask<bool> FindRoomAsync(ClosedChunk chunk)
    {
        for (int attempt = 1; ; attempt++)
        {
            Task recovered = _context.Index.Recovered.Next;
            RoomOutcome outcome = RoomFor(chunk);
            switch (outcome)
            {
                case RoomOutcome.Made:
                    return true;
                case RoomOutcome.OverQuota:
                    Lose([chunk], DropReasons.NoRoom, new IOException("There was no room for it."));
                    return false;
                case RoomOutcome.Recovering:
                    attempt--;
                    await recovered.WaitAsync(_stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    break;
                case var _ when attempt == Attempts:
                    await HoldAsync(chunk, NoRoom(chunk, outcome)).ConfigureAwait(false);
                    return false;
                default:
                    await Task.Delay(AttemptDelay * (1 << attempt), _context.Time, CancellationToken.None)
                        .ConfigureAwait(false);
                    break;
            }
        }
    }

    // Made: it may be written. Over the quota: it never may.
    private RoomOutcome RoomFor(ClosedChunk chunk)
    {
        RoomOutcome outcome = _context.Index.MakeRoom(_lane, chunk.Body.Length);
        bool isMade = (outcome == RoomOutcome.DiskShort && _context.Index.MayUseReserve(chunk.Body.Length))
            || (outcome == RoomOutcome.OverQuota && MayPassQuota(chunk))
            // A recorder that stops does not wait, and loses nothing for that.
            || (outcome == RoomOutcome.Recovering && _stopping.IsCancellationRequested);
        return isMade ? RoomOutcome.Made : outcome;
    }

    private IOException NoRoom(ClosedChunk chunk, RoomOutcome outcome) => new(
        outcome == RoomOutcome.DiskShort
            ? $"No space left for a chunk of {chunk.Body.Length} bytes: the disk has {_context.Index.FreeBytes()}. Free some, "
                + "or lower the spool's quota."
            : $"No room for a chunk of {chunk.Body.Length} bytes: what is to go for it cannot be noted in the journal, or is "
                + "not read yet.");

    private bool MayPassQuota(ClosedChunk chunk) =>
        !_lane.Quota.Evicts || _context.Index.Marks.Overlap(chunk.FirstLogTime, chunk.LastLogTime);

    // False: the disk refused to the end, and what was to be flushed is in the queue again, or lost.
    private async ValueTask<bool> FlushSegmentAsync()
    {
        if (_unflushed.Count == 0)
            return true;
        try
        {
            FlushHeld();
            return true;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return await WriteAgainAsync(ToIo(error), null).ConfigureAwait(false);
        }
    }

    private void Complete(SpoolWork.Settle settle)
    {
        if (settle.Options is { } options)
        {
            SealSegment();
            _context.Index.Reconfigure(_lane, options);
        }

        settle.Done.TrySetResult();
    }

    // A disk that breaks its port's word must not stop the lane.
    private static IOException ToIo(Exception error) => error as IOException ?? new IOException(error.Message, error);

    private void CompleteFlush(SpoolWork.Flush flush)
    {
        // It was told that the disk refuses, and nothing of what that cost.
        if (flush.Done.Task.IsCompleted)
            return;
        long lost = Volatile.Read(ref _lostChunks) - flush.LossesTold;
        Volatile.Write(ref _lossesTold, _lostChunks);
        if (lost == 0)
        {
            flush.Done.TrySetResult();
            return;
        }

        flush.Done.TrySetException(new RecorderException(
            $"Lane {_lane.Name}: {lost} chunks could not be written and are lost: {_lostTo?.Message} They are counted "
            + "in the ledger as disk, spool_error or no_room; free or repair the disk. Recording goes on.", _lostTo!));
    }
}
