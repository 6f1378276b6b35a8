using System.Threading.Channels;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// The one writer. It takes all whole chunks that wait, appends them to their recordings' packs, and has <see
/// cref="GroupCommit"/> make the packs durable, write all rows in one transaction, and only then complete the receipts.
/// </summary>
/// <remarks>
/// Invariant: a receipt of a stored chunk is given after fdatasync of its pack and after the commit of its
/// row, in this order. Whatever fails before leaves no row, so that the vehicle, told RETRY_LATER or nothing,
/// sends it again; bytes without a row are cut off when their pack is repaired.
/// </remarks>
internal sealed class ChunkCommitter : IAsyncDisposable
{
    private const int QueueMax = 1024;
    private const int GroupChunksMax = 256;
    private const long GroupBytesMax = 64L << 20;

    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(QueueMax);
    private readonly GroupCommit _groups;
    private readonly OpenPacks _packs;
    private readonly IChunkIndex _index;
    private readonly GatewayOptions _options;
    private readonly ILogger _logger;
    private readonly ITimer _ticker;
    private readonly Task _running;

    public ChunkCommitter(
        IPackStore store,
        IChunkIndex index,
        GatewayOptions options,
        GatewayMeter meter,
        TimeProvider time,
        ILogger logger)
    {
        _index = index;
        _options = options;
        _logger = logger;
        _packs = new OpenPacks(store, index, options, time, logger);
        _groups = new GroupCommit(_packs, index, options, meter, time, logger);
        TimeSpan period = TimeSpan.FromTicks(Math.Clamp(
            options.PackIdleTime.Ticks / 4, TimeSpan.TicksPerSecond / 10, 10 * TimeSpan.TicksPerSecond));
        _ticker = time.CreateTimer(_ => _queue.Writer.TryWrite(new Work.Tick()), null, period, period);
        _running = RunAsync();
    }

    /// <summary>
    /// Queues a verified chunk and returns its receipt's task; waits while the queue is full. The chunk is
    /// the committer's to dispose, whatever comes.
    /// </summary>
    public async ValueTask<Task<Receipt>> CommitAsync(
        StagedChunk chunk, RecordingDefinitions recording, CancellationToken cancellationToken)
    {
        Work.Commit work = new(chunk, recording);
        try
        {
            await _queue.Writer.WriteAsync(work, cancellationToken).ConfigureAwait(false);
            return work.Receipt;
        }
        catch (Exception failure) when (failure is OperationCanceledException or ChannelClosedException)
        {
            chunk.Dispose();
            if (failure is OperationCanceledException)
                throw;
            return Task.FromResult(Receipts.RetryLater(chunk.Header.Ref, "The gateway is stopping."));
        }
    }

    /// <summary>
    /// The recording's end is in the index: its pack is sealed when all its chunks are there.
    /// </summary>
    public async ValueTask NoteEndAsync(Guid recordingId, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(new Work.Ended(recordingId), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // Stopping: every pack is sealed anyway.
        }
    }

    /// <summary>Commits what is queued, then seals every pack.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ticker.DisposeAsync().ConfigureAwait(false);
        _queue.Writer.TryComplete();
        await _running.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        List<Work.Commit> commits = [];
        HashSet<Guid> ended = [];
        while (true)
        {
            try
            {
                Task<bool> more = _queue.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
                await EndGroupAsync(more, ended).ConfigureAwait(false);
                if (!await more.ConfigureAwait(false))
                    break;
                bool tick = Take(commits, ended);
                await _groups.CommitAsync(commits).ConfigureAwait(false);
                await SealAsync(commits, ended, tick).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // The writer must outlive whatever happens to one group.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                IngestLog.CommitterFailed(_logger, failure);
                foreach (Work.Commit commit in commits)
                {
                    commit.TryComplete(
                        Receipts.RetryLater(commit.Chunk.Header.Ref, "The gateway could not store it."));
                }
            }

            commits.Clear();
        }

        await _groups.DrainAsync().ConfigureAwait(false);
        await _packs.SealAllAsync(CancellationToken.None).ConfigureAwait(false);
    }

    // What a group that is over leaves to do does not wait for the next.
    private async ValueTask EndGroupAsync(Task more, HashSet<Guid> ended)
    {
        if (_groups.UnderWay is not { } group)
            return;
        await Task.WhenAny(more, group).ConfigureAwait(false);
        if (!group.IsCompleted)
            return;
        await _groups.DrainAsync().ConfigureAwait(false);
        await SealEndedAsync(ended).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes what waits, up to the limits, to the end of a pack, and to as many recordings as may have one open. True: a
    /// tick was among it.
    /// </summary>
    private bool Take(List<Work.Commit> commits, HashSet<Guid> ended)
    {
        bool tick = false;
        long bytes = 0;
        Dictionary<Guid, long> packBytes = [];
        while (commits.Count < GroupChunksMax && bytes < GroupBytesMax
            && _queue.Reader.TryPeek(out Work? work))
        {
            bool isOneMore = work is Work.Commit next && !packBytes.ContainsKey(next.Recording.Id);
            if (isOneMore && packBytes.Count >= _options.OpenPacksMax)
                break;
            _queue.Reader.TryRead(out _);
            if (work is Work.Tick)
                tick = true;
            if (work is Work.Ended end)
                ended.Add(end.RecordingId);
            if (work is not Work.Commit commit)
                continue;
            commits.Add(commit);
            bytes += commit.Chunk.BodyBytes;
            Guid recordingId = commit.Recording.Id;
            if (!packBytes.TryGetValue(recordingId, out long inPack))
                inPack = _packs.Bytes(recordingId);
            packBytes[recordingId] = inPack += commit.Chunk.BodyBytes;
            if (inPack >= _options.PackBytesMax)
                break;
        }

        return tick;
    }

    private async ValueTask SealAsync(List<Work.Commit> commits, HashSet<Guid> ended, bool tick)
    {
        Guid[] full =
        [
            .. commits.Select(static commit => commit.Recording.Id).Distinct()
                .Where(recordingId => _packs.Bytes(recordingId) >= _options.PackBytesMax),
        ];
        // What is sealed has its rows.
        if (full.Length > 0 || tick)
            await _groups.DrainAsync().ConfigureAwait(false);
        foreach (Guid recordingId in full)
            await _packs.SealAsync(recordingId, CancellationToken.None).ConfigureAwait(false);
        if (_groups.UnderWay is null)
            await SealEndedAsync(ended).ConfigureAwait(false);
        if (!tick)
            return;
        await _packs.SealIdleAsync(CancellationToken.None).ConfigureAwait(false);

        // What ended and is not complete by now is sealed as idle.
        ended.RemoveWhere(recordingId => _packs.Bytes(recordingId) == 0);
    }

    private async ValueTask SealEndedAsync(HashSet<Guid> ended)
    {
        foreach (Guid recordingId in ended.ToArray())
        {
            try
            {
                if (!await _index.IsCompleteAsync(recordingId, CancellationToken.None).ConfigureAwait(false))
                    continue;
            }
            catch (IOException failure)
            {
                // Asked again with the next group or tick; an idle pack is sealed in any case.
                IngestLog.CompletenessUnknown(_logger, recordingId, failure);
                continue;
            }

            await _packs.SealAsync(recordingId, CancellationToken.None).ConfigureAwait(false);
            ended.Remove(recordingId);
        }
    }

    /// <summary>What the writer's queue holds.</summary>
    internal abstract record Work
    {
        /// <summary>A verified chunk.</summary>
        public sealed record Commit(StagedChunk Chunk, RecordingDefinitions Recording) : Work
        {
            private readonly TaskCompletionSource<Receipt> _receipt =
                new(TaskCreationOptions.RunContinuationsAsynchronously);

            public Task<Receipt> Receipt => _receipt.Task;

            /// <summary>
            /// Gives the receipt, if none was given. The chunk's memory is free before anybody hears of it: the next
            /// chunk may need it.
            /// </summary>
            public bool TryComplete(Receipt receipt)
            {
                if (_receipt.Task.IsCompleted)
                    return false;
                Chunk.Dispose();
                return _receipt.TrySetResult(receipt);
            }
        }

        /// <summary>A recording ended.</summary>
        public sealed record Ended(Guid RecordingId) : Work;

        /// <summary>Time passed.</summary>
        public sealed record Tick : Work;
    }
}
