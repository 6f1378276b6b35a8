using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using AvSdk.Testing;
using static AvSdk.Contracts.V1.Receipt.Types;

namespace AvSdk.Tests.Gateway;

/// <summary>What has a receipt is not lost with the index.</summary>
public sealed class LostIndexTests
{
    private readonly SampleRecording _drive = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gateway_does_not_start_with_a_new_index_over_packs_until_it_is_rebuilt()
    {
        using TempFolder folder = new();
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        await using (GatewayServer gateway = await GatewayServer.StartAsync(folder.Path))
            await gateway.UploadAsync(_drive, chunk);
        foreach (string file in Directory.GetFiles(folder.Path, "index.db*"))
            File.Delete(file);

        // Twice: the first attempt leaves an index behind, an empty one.
        for (int attempt = 0; attempt < 2; attempt++)
        {
            IOException refused = await Assert.ThrowsAsync<IOException>(
                () => InProcessGateway.StartAsync(folder.Path, null, null, Ct));
            Assert.Contains(
                $"`avgateway rebuild-index --data {folder.Path}`", refused.Message, StringComparison.Ordinal);
        }

        await using (FolderPackStore store = new(folder.At("packs")))
        await using (SqliteChunkIndex index = new(folder.At("index.db")))
        {
            await index.OpenAsync(Ct);
            await new IndexRebuild(store, index).RunAsync(Ct);
        }

        await using GatewayServer again = await GatewayServer.StartAsync(folder.Path);
        Assert.Equal([Outcome.AlreadyStored], await again.UploadAsync(_drive, chunk));
    }

    [Fact]
    public async Task A_pack_that_the_index_does_not_know_stays_and_the_next_number_is_taken()
    {
        using TempFolder folder = new();
        string unknown = await PlaceAsync(folder);
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));

        Assert.Equal(Outcome.Stored, (await link.UploadAsync(chunk)).Outcome);

        Assert.Equal(8, (await bench.FindAsync(chunk))!.Location!.Value.Pack);
        Assert.Equal("a vehicle's only copy", await File.ReadAllTextAsync(unknown, Ct));
    }

    [Fact]
    public async Task A_pack_that_comes_up_at_the_last_moment_is_neither_replaced_nor_repaired_away()
    {
        using TempFolder folder = new();
        string unknown = await PlaceAsync(folder, 1);
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0));
        bench.Store.HidesLastNumber = true;
        Assert.Equal(Outcome.RetryLater, (await link.UploadAsync(chunk)).Outcome);
        Assert.Empty(await bench.Index.ListOpenPacksAsync(Ct));

        bench.Store.HidesLastNumber = false;
        Assert.Equal(Outcome.Stored, (await link.SendWholeAsync(chunk)).Outcome);
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.Committer.DisposeAsync();

        Assert.Equal(2, (await bench.FindAsync(chunk))!.Location!.Value.Pack);
        Assert.Equal("a vehicle's only copy", await File.ReadAllTextAsync(unknown, Ct));
    }

    private async Task<string> PlaceAsync(TempFolder folder, int number = 7)
    {
        string path = folder.At("packs", "veh-1", _drive.Id.ToString(), $"{number:D6}.mcap");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, "a vehicle's only copy", Ct);
        return path;
    }
}
