using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using Microsoft.Extensions.Logging;
using Commit = AvSdk.Gateway.Ingest.ChunkCommitter.Work.Commit;

namespace AvSdk.Gateway.Ingest;

/// <summary>
/// Commits groups of chunks: append, make durable, write rows, give receipts; in this order. While one group is made
/// durable and gets its rows, the next is appended.
/// </summary>
/// <remarks>
/// The packs have one owner, the caller. A group under way touches none but to flush it, and what became of it is looked at
/// when it is over: a pack that failed is abandoned then, and with it what the next group has appended to it by now.
/// </remarks>
internal sealed class GroupCommit(
    OpenPacks packs, IChunkIndex index, GatewayOptions options, GatewayMeter meter, TimeProvider time, ILogger logger)
{
    private Task<AppendedGroup>? _underWay;
    private HashSet<Guid> _recordingsUnderWay = [];

    /// <summary>Ends when the group under way is over; null: there is none. Then <see cref="DrainAsync"/> is due.</summary>
    public Task? UnderWay => _underWay;

    /// <summary>
    /// Appends the chunks, and has them made durable behind the group under way. Every chunk gets its receipt, with
    /// RETRY_LATER where something failed: at the latest in the next <see cref="DrainAsync"/>.
    /// </summary>
    public async ValueTask CommitAsync(IReadOnlyList<Commit> commits)
    {
        if (commits.Count == 0)
            return;
        AppendedGroup group = new(time.GetTimestamp());
        try
        {
            IReadOnlyList<Commit> fresh = await SkipKnownAsync(commits).ConfigureAwait(false);
            ILookup<Guid, Commit> recordings = fresh.ToLookup(commit => commit.Recording.Id);
            if (recordings.Select(static recording => recording.Key).Union(_recordingsUnderWay).Count() > options.OpenPacksMax)
                await DrainAsync().ConfigureAwait(false);
            foreach (IGrouping<Guid, Commit> recording in recordings)
                await AppendAsync(recording, group).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it was: every chunk gets a receipt.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            group.FailAll(failure);
            FailWaiting(commits.Where(commit => !group.HasFailed(commit)), failure);
        }

        HashSet<Guid> superfluous = await EndUnderWayAsync(group).ConfigureAwait(false);
        await AbandonFailedAsync(group).ConfigureAwait(false);
        if (group.Appended.Count > 0)
        {
            _recordingsUnderWay = [.. group.Writers.Keys];
            // The flush blocks its thread.
            _underWay = Task.Run(() => SettleAsync(group));
        }

        await SealAsync(superfluous).ConfigureAwait(false);
    }

    /// <summary>Ends the group under way: then every chunk that was brought has its receipt.</summary>
    public async ValueTask DrainAsync() =>
        await SealAsync(await EndUnderWayAsync(null).ConfigureAwait(false)).ConfigureAwait(false);

    private async ValueTask SealAsync(HashSet<Guid> recordings)
    {
        if (recordings.Count == 0)
            return;
        recordings.UnionWith(await EndUnderWayAsync(null).ConfigureAwait(false));
        foreach (Guid recordingId in recordings)
            await packs.SealAsync(recordingId, CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask<IReadOnlyList<Commit>> SkipKnownAsync(IReadOnlyList<Commit> commits)
    {
        IReadOnlyList<IndexedChunk?> rows = await index.FindChunksAsync(
            [.. commits.Select(commit => commit.Chunk.Key)], CancellationToken.None).ConfigureAwait(false);
        List<Commit> fresh = [];
        for (int i = 0; i < commits.Count; i++)
        {
            if (rows[i] is { Ordinal: not null } row)
                Answer(commits[i], row.Header);
            else
                fresh.Add(commits[i]);
        }

        return fresh;
    }

    /// <summary>A failure concerns this recording's pack alone; the others go on.</summary>
    private async ValueTask AppendAsync(IGrouping<Guid, Commit> recording, AppendedGroup group)
    {
        List<(Commit Commit, PackLocation Location)> here = [];
        try
        {
            foreach (Commit commit in recording)
            {
                PackLocation location = await packs.AppendAsync(
                    commit.Recording, commit.Chunk.Header, commit.Chunk.Body, CancellationToken.None)
                    .ConfigureAwait(false);
                here.Add((commit, location));
            }

            group.Add(recording.Key, packs.WriterOf(recording.Key), here);
        }
#pragma warning disable CA1031 // Whatever it was: a pack left open after it would fail every retry.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            group.Fail(recording.Key, failure, [.. recording]);
        }
    }

    // Beside the owner of the packs: nothing here but flushes, rows and receipts.
    private async Task<AppendedGroup> SettleAsync(AppendedGroup group)
    {
        foreach ((Guid recordingId, IPackWriter writer) in group.Writers)
        {
            try
            {
                await writer.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever it was: a pack left open after it would fail every retry.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                group.Fail(recordingId, failure);
            }
        }

        try
        {
            if (group.Appended.Count > 0)
                await WriteRowsAsync(group).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it was: a pack left open after it would fail every retry.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            group.FailAll(failure);
        }

        meter.CommitDuration.Record(time.GetElapsedTime(group.Begin).TotalSeconds);
        return group;
    }

    private async ValueTask WriteRowsAsync(AppendedGroup group)
    {
        IReadOnlyList<StoreOutcome> outcomes = await index.StoreAsync(
            [.. group.Appended.Select(chunk => new StoredChunk(chunk.Commit.Chunk.Header, chunk.Location))],
            CancellationToken.None).ConfigureAwait(false);
        for (int i = 0; i < outcomes.Count; i++)
        {
            Commit commit = group.Appended[i].Commit;
            if (outcomes[i] != StoreOutcome.Stored)
            {
                group.Superfluous.Add(commit);
                continue;
            }

            meter.ChunksStored.Add(1);
            meter.BytesStored.Add(commit.Chunk.BodyBytes);
            commit.TryComplete(Receipts.Stored(commit.Chunk.Header));
        }
    }

    /// <summary>
    /// Waits for the group under way and takes note of what became of its packs. What failed fails <paramref name="next"/>
    /// too, which has appended behind it. Returns the recordings whose packs hold what is superfluous: they are to be sealed.
    /// </summary>
    private async ValueTask<HashSet<Guid>> EndUnderWayAsync(AppendedGroup? next)
    {
        if (_underWay is null)
            return [];
        AppendedGroup group = await _underWay.ConfigureAwait(false);
        _underWay = null;
        _recordingsUnderWay = [];
        foreach ((Guid recordingId, (Exception failure, _)) in group.Failures)
            next?.Fail(recordingId, failure);
        foreach (Guid recordingId in group.Writers.Keys)
        {
            if (next?.Writers.ContainsKey(recordingId) != true)
                packs.NoteRows(recordingId);
        }

        HashSet<Guid> superfluous = [];
        foreach (Commit commit in group.Superfluous)
        {
            superfluous.Add(commit.Recording.Id);
            await AnswerLateAsync(commit).ConfigureAwait(false);
        }

        await AbandonFailedAsync(group).ConfigureAwait(false);
        return superfluous;
    }

    /// <summary>Another gateway on the same index was faster: our bytes are superfluous, its row counts.</summary>
    private async ValueTask AnswerLateAsync(Commit commit)
    {
        try
        {
            IReadOnlyList<IndexedChunk?> rows = await index
                .FindChunksAsync([commit.Chunk.Key], CancellationToken.None)
                .ConfigureAwait(false);
            Answer(commit, rows[0]!.Header);
        }
#pragma warning disable CA1031 // Whatever it was: every chunk gets a receipt.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            FailWaiting([commit], failure);
        }
    }

    private void Answer(Commit commit, ChunkHeader stored)
    {
        if (stored.Sha256.Equals(commit.Chunk.Header.Sha256))
        {
            meter.ChunksAlreadyStored.Add(1);
            commit.TryComplete(Receipts.AlreadyStored(stored));
            return;
        }

        string reason = Receipts.OtherHash(commit.Chunk.Header, stored);
        meter.ChunksRejected.Add(1);
        IngestLog.ChunkRejected(logger, commit.Chunk.VehicleId, commit.Chunk.Key, reason);
        commit.TryComplete(Receipts.Rejected(commit.Chunk.Header.Ref, reason));
    }

    // No group is under way: what has its row was in the index before the pack is cut behind the last one.
    private async ValueTask AbandonFailedAsync(AppendedGroup group)
    {
        foreach ((Guid recordingId, (Exception failure, List<Commit> commits)) in group.Failures)
        {
            await packs.AbandonAsync(recordingId, failure, CancellationToken.None).ConfigureAwait(false);
            FailWaiting(commits, failure);
        }
    }

    private void FailWaiting(IEnumerable<Commit> commits, Exception failure)
    {
        int waiting = 0;
        foreach (Commit commit in commits)
        {
            if (commit.TryComplete(Receipts.RetryLater(
                    commit.Chunk.Header.Ref, "The gateway could not store it: " + failure.Message)))
            {
                meter.ChunksDeferred.Add(1);
                waiting++;
            }
        }

        if (waiting > 0)
            IngestLog.CommitFailed(logger, waiting, failure);
    }
}
