using AvSdk.Contracts.V1;
using AvSdk.Tests.Recording.Fakes;
using static AvSdk.Contracts.V1.Receipt.Types;

namespace AvSdk.Tests.Gateway;

/// <summary>One group of chunks is appended while the one before it is made durable.</summary>
public sealed class OverlappingGroupsTests
{
    private readonly SampleRecording _drive = new();
    private readonly TaskCompletionSource _flushing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task What_comes_while_a_group_is_flushed_is_appended_and_has_its_receipt_after_its_own_flush()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        SampleChunk[] chunks = [_drive.Chunk((_drive.Imu, 0)), _drive.Chunk((_drive.Imu, 1))];
        Task<Receipt>[] uploads = await UploadBothAsync(bench, chunks);

        Assert.All(uploads, static upload => Assert.False(upload.IsCompleted));
        Assert.Null((await bench.FindAsync(chunks[0]))!.Ordinal);
        _flushing.SetResult();

        Assert.All(await Task.WhenAll(uploads), static receipt => Assert.Equal(Outcome.Stored, receipt.Outcome));
        int second = bench.Events.IndexOf($"append {chunks[1].Key.Sequence}");
        Assert.True(second < bench.Events.IndexOf("flush"), "it was not appended while the first was flushed");
        Assert.Equal(2, bench.Events.Count(static e => e == "flush"));
        Assert.True(
            bench.Events.LastIndexOf("flush") < bench.Events.IndexOf($"receipt {chunks[1].Key.Sequence}"),
            "its receipt was given before its own flush");
        foreach (SampleChunk chunk in chunks)
            Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
    }

    [Theory]
    [InlineData("flush")]
    [InlineData("row")]
    [InlineData("answer")]
    public async Task What_was_appended_behind_a_group_that_fails_fails_with_it_and_what_had_a_receipt_stays(string where)
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk stored = _drive.Chunk((_drive.Imu, 0));
        Assert.Equal(Outcome.Stored, (await link.UploadAsync(stored)).Outcome);
        SampleChunk[] chunks = [_drive.Chunk((_drive.Imu, 1)), _drive.Chunk((_drive.Imu, 2))];
        Task<Receipt>[] uploads = await UploadBothAsync(bench, chunks);
        bench.Store.FailsFlush = where == "flush";
        bench.Index.FailsBeforeRows = where == "row";
        bench.Index.FailsAfterRows = where == "answer";
        _flushing.SetResult();

        Assert.All(await Task.WhenAll(uploads), static receipt => Assert.Equal(Outcome.RetryLater, receipt.Outcome));
        bench.Store.FailsFlush = bench.Index.FailsBeforeRows = bench.Index.FailsAfterRows = false;
        Assert.Equal(1, bench.Events.Count(static e => e == "repair 1"));
        Assert.Equal(stored.Body, await bench.ReadAsync(stored));
        foreach (SampleChunk chunk in chunks)
        {
            // What has its row was stored, though nobody was told.
            bool isThere = (await bench.FindAsync(chunk))!.Ordinal is not null;
            Assert.Equal(where == "answer" && chunk == chunks[0], isThere);
            Outcome again = (await link.SendWholeAsync(chunk)).Outcome;
            Assert.Equal(isThere ? Outcome.AlreadyStored : Outcome.Stored, again);
            Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
        }
    }

    [Fact]
    public async Task A_gateway_that_stops_while_a_group_is_flushed_gives_every_receipt_first()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        SampleChunk[] chunks = [_drive.Chunk((_drive.Imu, 0)), _drive.Chunk((_drive.Imu, 1))];
        Task<Receipt>[] uploads = await UploadBothAsync(bench, chunks);

        Task stopping = bench.Committer.DisposeAsync().AsTask();
        Assert.False(stopping.IsCompleted);
        _flushing.SetResult();
        await stopping;

        Assert.All(await Task.WhenAll(uploads), static receipt => Assert.Equal(Outcome.Stored, receipt.Outcome));
        Assert.Empty(await bench.Index.ListOpenPacksAsync(TestContext.Current.CancellationToken));
    }

    // The first is held in its flush, and the second is appended.
    private async Task<Task<Receipt>[]> UploadBothAsync(IngestBench bench, SampleChunk[] chunks)
    {
        bench.Store.FlushMayGoOn = _flushing.Task;
        Task<Receipt>[] uploads = new Task<Receipt>[chunks.Length];
        for (int at = 0; at < chunks.Length; at++)
        {
            IngestLink link = await bench.ConnectAsync(_drive);
            uploads[at] = link.UploadAsync(chunks[at]);
            string appended = $"append {chunks[at].Key.Sequence}";
            await Eventually.Holds(() => Has(bench, appended), appended);
        }

        return uploads;
    }

    private static bool Has(IngestBench bench, string what)
    {
        lock (bench.Events)
            return bench.Events.Contains(what);
    }
}
