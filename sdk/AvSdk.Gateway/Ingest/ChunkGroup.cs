using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using Microsoft.Extensions.Logging;
using Commit = AvSdk.Gateway.Ingest.ChunkCommitter.Work.Commit;

namespace AvSdk.Gateway.Ingest;

/// <summary>One group commit: append, make durable, write rows, give receipts; in this order.</summary>
internal sealed class ChunkGroup(
    OpenPacks packs, IChunkIndex index, GatewayMeter meter, TimeProvider time, ILogger logger)
{
    /// <summary>Completes the receipt of every chunk, with RETRY_LATER where something failed.</summary>
    public async ValueTask CommitAsync(IReadOnlyList<Commit> commits)
    {
        if (commits.Count == 0)
            return;
        long begin = time.GetTimestamp();
        List<(Commit Commit, PackLocation Location)> appended = [];
        try
        {
            IReadOnlyList<Commit> fresh = await SkipKnownAsync(commits).ConfigureAwait(false);
            foreach (IGrouping<Guid, Commit> recording in fresh.GroupBy(commit => commit.Recording.Id))
                await AppendAsync(recording, appended).ConfigureAwait(false);
            if (appended.Count > 0)
                await WriteRowsAsync(appended).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it was: a pack left open after it would fail every retry.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            await FailAsync(commits, failure).ConfigureAwait(false);
        }

        meter.CommitDuration.Record(time.GetElapsedTime(begin).TotalSeconds);
    }

    private async ValueTask<IReadOnlyList<Commit>> SkipKnownAsync(IReadOnlyList<Commit> commits)
    {
        IReadOnlyList<IndexedChunk?> rows = await index.FindChunksAsync(
            [.. commits.Select(commit => commit.Chunk.Key)], CancellationToken.None).ConfigureAwait(false);
        List<Commit> fresh = [];
        for (int i = 0; i < commits.Count; i++)
        {
            if (rows[i] is { Ordinal: not null } row)
                Settle(commits[i], row.Header);
            else
                fresh.Add(commits[i]);
        }

        return fresh;
    }

    /// <summary>A failure concerns this recording's pack alone; the others go on.</summary>
    private async ValueTask AppendAsync(
        IGrouping<Guid, Commit> recording, List<(Commit Commit, PackLocation Location)> appended)
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

            await packs.FlushAsync(recording.Key, CancellationToken.None).ConfigureAwait(false);
            appended.AddRange(here);
        }
#pragma warning disable CA1031 // Whatever it was: a pack left open after it would fail every retry.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            await FailAsync([.. recording], failure).ConfigureAwait(false);
        }
    }

    private async ValueTask WriteRowsAsync(List<(Commit Commit, PackLocation Location)> appended)
    {
        IReadOnlyList<StoreOutcome> outcomes;
        try
        {
            outcomes = await index.StoreAsync(
                [.. appended.Select(chunk => new StoredChunk(chunk.Commit.Chunk.Header, chunk.Location))],
                CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it was: a pack left open after it would fail every retry.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            await FailAsync([.. appended.Select(chunk => chunk.Commit)], failure).ConfigureAwait(false);
            return;
        }

        foreach ((Commit commit, _) in appended)
            packs.NoteRows(commit.Recording.Id);
        for (int i = 0; i < appended.Count; i++)
        {
            Commit commit = appended[i].Commit;
            if (outcomes[i] == StoreOutcome.Stored)
            {
                meter.ChunksStored.Add(1);
                meter.BytesStored.Add(commit.Chunk.BodyBytes);
                commit.TryComplete(Receipts.Stored(commit.Chunk.Header));
                continue;
            }

            await SettleLateAsync(commit).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Another gateway on the same index was faster: our bytes are superfluous, its row counts.
    /// </summary>
    private async ValueTask SettleLateAsync(Commit commit)
    {
        IReadOnlyList<IndexedChunk?> rows = await index
            .FindChunksAsync([commit.Chunk.Key], CancellationToken.None)
            .ConfigureAwait(false);
        if (rows[0] is { Ordinal: not null } row)
            Settle(commit, row.Header);
        await packs.SealAsync(commit.Recording.Id, CancellationToken.None).ConfigureAwait(false);
    }

    private void Settle(Commit commit, ChunkHeader stored)
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

    private async ValueTask FailAsync(IReadOnlyList<Commit> commits, Exception failure)
    {
        IngestLog.CommitFailed(logger, commits.Count, failure);
        foreach (Guid recordingId in commits.Select(commit => commit.Recording.Id).Distinct())
            await packs.AbandonAsync(recordingId, failure, CancellationToken.None).ConfigureAwait(false);
        foreach (Commit commit in commits)
        {
            if (commit.TryComplete(Receipts.RetryLater(
                    commit.Chunk.Header.Ref, "The gateway could not store it: " + failure.Message)))
            {
                meter.ChunksDeferred.Add(1);
            }
        }
    }
}
