using AvSdk.Contracts.V1;
using AvSdk.Gateway;
using AvSdk.Gateway.Ingest;
using AvSdk.Gateway.Store;
using Microsoft.Extensions.Logging.Abstractions;
using static AvSdk.Contracts.V1.Receipt.Types;
using Commit = AvSdk.Gateway.Ingest.ChunkCommitter.Work.Commit;

namespace AvSdk.Tests.Gateway;

/// <summary>More recordings than packs may be open: one makes room for the other.</summary>
public sealed class ManyRecordingsTests
{
    private readonly SampleRecording[] _drives = [new(), new(), new()];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pack_whose_chunks_have_no_rows_yet_does_not_make_room_for_another()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await StartAsync(folder);
        OpenPacks packs = new(bench.Store, bench.Index, bench.Options, bench.Time, NullLogger.Instance);
        using GatewayMeter meter = new();
        GroupCommit group = new(packs, bench.Index, bench.Options, meter, bench.Time, NullLogger.Instance);
        SampleChunk[] chunks = [.. _drives.Select(static drive => drive.Chunk((drive.Imu, 0)))];
        Commit[] commits = [await CommitAsync(bench, 0, chunks[0]), await CommitAsync(bench, 1, chunks[1])];
        bench.Store.FailsSeal = true;

        await group.CommitAsync(commits);
        await group.DrainAsync();

        foreach (Commit commit in commits)
            Assert.Equal(Outcome.Stored, (await commit.Receipt).Outcome);
        Assert.DoesNotContain(bench.Events, static e => e.StartsWith("repair", StringComparison.Ordinal));
        await group.CommitAsync([await CommitAsync(bench, 2, chunks[2])]);
        await group.DrainAsync();
        Assert.Equal(1, packs.Count);
        foreach (SampleChunk chunk in chunks)
            Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
        await packs.SealAllAsync(Ct);
    }

    [Fact]
    public async Task The_packs_of_a_group_are_never_more_than_may_be_open()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await StartAsync(folder);
        Task<Receipt>[] receipts = [.. Enumerable.Repeat(Task.FromResult(new Receipt()), 60)];
        SampleChunk[] chunks = new SampleChunk[receipts.Length];
        for (int at = 0; at < chunks.Length; at++)
        {
            SampleRecording drive = _drives[at / 2 % _drives.Length];
            chunks[at] = drive.Chunk((drive.Imu, at));
            Commit commit = await CommitAsync(bench, at / 2 % _drives.Length, chunks[at]);
            receipts[at] = await bench.Committer.CommitAsync(commit.Chunk, commit.Recording, Ct);
        }

        Assert.All(await Task.WhenAll(receipts), static receipt => Assert.Equal(Outcome.Stored, receipt.Outcome));
        Assert.Equal(1, bench.Store.MostOpen);
        foreach (SampleChunk chunk in chunks)
            Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
    }

    private async Task<IngestBench> StartAsync(TempFolder folder)
    {
        IngestBench bench = await IngestBench.StartAsync(folder.Path, static options => options.OpenPacksMax = 1);
        foreach (SampleRecording drive in _drives)
        {
            await using IngestLink link = await bench.ConnectAsync(drive);
        }

        return bench;
    }

    private async Task<Commit> CommitAsync(IngestBench bench, int drive, SampleChunk chunk)
    {
        StagedChunk staged = new(bench.Staging, _drives[drive].VehicleId, chunk.Header, 0);
        Assert.True(staged.TryAppend(0, chunk.Body, 0));
        return new Commit(staged, (await bench.Index.FindRecordingAsync(_drives[drive].Id, Ct))!);
    }
}
