using AvSdk.Contracts.V1;
using static AvSdk.Contracts.V1.Receipt.Types;

namespace AvSdk.Tests.Gateway;

/// <summary>A writer's failure costs the pack, not the recording, whatever its type.</summary>
public sealed class BrokenPackTests
{
    private readonly SampleRecording _drive = new();

    [Theory]
    [InlineData("create")]
    [InlineData("append")]
    [InlineData("flush")]
    public async Task A_writer_that_fails_with_anything_is_given_up_and_a_new_pack_begun(string where)
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        bench.Store.Failure = new InvalidOperationException("The writer is in no state to go on.");
        Fail(bench, where, true);

        Receipt receipt = await link.UploadAsync(chunk);
        Fail(bench, where, false);

        Assert.Equal(Outcome.RetryLater, receipt.Outcome);
        Assert.Equal(Outcome.Stored, (await link.SendWholeAsync(chunk)).Outcome);
        Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
        if (where != "create")
            Assert.Contains("repair 1", bench.Events);
    }

    [Fact]
    public async Task A_pack_that_cannot_be_sealed_for_any_reason_is_repaired_and_what_it_holds_stays()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await link.UploadAsync(chunk);
        bench.Store.Failure = new InvalidOperationException("The writer is in no state to go on.");
        bench.Store.FailsSeal = true;

        await bench.Committer.DisposeAsync();

        Assert.Contains("repair 1", bench.Events);
        Assert.Empty(await bench.Index.ListOpenPacksAsync(TestContext.Current.CancellationToken));
        Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
    }

    [Fact]
    public async Task A_repair_that_fails_with_anything_is_tried_again_later()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        bench.Store.Failure = new InvalidOperationException("The writer is in no state to go on.");
        bench.Store.FailsRepair = true;
        Fail(bench, "append", true);
        Assert.Equal(Outcome.RetryLater, (await link.UploadAsync(chunk)).Outcome);
        Fail(bench, "append", false);
        bench.Store.FailsRepair = false;
        Assert.Equal(Outcome.Stored, (await link.SendWholeAsync(chunk)).Outcome);

        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.Committer.DisposeAsync();

        Assert.Equal(2, bench.Events.Count(e => e == "repair 1"));
        Assert.False(File.Exists(folder.At("packs", "veh-1", _drive.Id.ToString(), "000001.mcap")));
        Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
    }

    private static void Fail(IngestBench bench, string where, bool fails)
    {
        bench.Store.FailsCreate = fails && where == "create";
        bench.Store.FailsAfterAppend = fails && where == "append";
        bench.Store.FailsFlush = fails && where == "flush";
    }
}
