using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using AvSdk.Mcap;
using static AvSdk.Contracts.V1.Receipt.Types;

namespace AvSdk.Tests.Gateway;

/// <summary>Several vehicles over links that break and a disk that refuses now and then.</summary>
public sealed class LossyDriveTests
{
    private const int Vehicles = 4;
    private const int Chunks = 24;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20261121)]
    public async Task Every_chunk_is_stored_once_whatever_broke_on_the_way(int seed)
    {
        using TempFolder folder = new();
        List<(SampleRecording Drive, SampleChunk[] Chunks)> drives = [];
        for (int i = 0; i < Vehicles; i++)
        {
            SampleRecording drive = new($"veh-{i}");
            drives.Add((
                drive, [.. Enumerable.Range(0, Chunks).Select(at => drive.Chunk(4000, (drive.Camera, at)))]));
        }

        await using (IngestBench bench = await IngestBench.StartAsync(
            folder.Path, o => o.PackBytesMax = 64 << 10))
        {
            await Task.WhenAll(drives.Select(
                (drive, i) => Task.Run(() => DriveAsync(bench, drive.Drive, drive.Chunks, new Random(seed + i)))));
            foreach ((_, SampleChunk[] chunks) in drives)
            {
                foreach (SampleChunk chunk in chunks)
                    Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
            }

            SelectionTotals totals = await bench.Index.GetTotalsAsync(
                ChunkSelection.All, TestContext.Current.CancellationToken);
            Assert.Equal((ulong)(Vehicles * Chunks), totals.StoredChunks);
            Assert.Contains(bench.Events, e => e.StartsWith("repair", StringComparison.Ordinal));
        }

        await AssertPacksHoldEachOnceAsync(folder, drives.SelectMany(drive => drive.Chunks));
    }

    private static async Task DriveAsync(
        IngestBench bench, SampleRecording drive, SampleChunk[] chunks, Random random)
    {
        HashSet<ulong> done = [];
        while (done.Count < chunks.Length)
        {
            await using IngestLink link = await bench.ConnectAsync(drive);
            bool isCut = false;
            foreach (SampleChunk chunk in chunks.Where(c => !done.Contains(c.Header.Ref.Sequence)))
            {
                Break(bench, random.Next(12));
                ChunkState state = await link.AnnounceAsync(chunk);
                if (state.Kind == ChunkState.Types.Kind.Stored)
                {
                    done.Add(chunk.Header.Ref.Sequence);
                    continue;
                }

                int at = (int)state.HeldBytes;
                int middle = random.Next(at, chunk.Body.Length);
                if (middle > at)
                    await link.SendAsync(chunk.Part(at, middle));
                isCut = random.Next(6) == 0;
                if (isCut)
                    break;
                await link.SendAsync(chunk.Part(middle));
                if ((await link.ReceiveAsync()).Receipt.Outcome is Outcome.Stored or Outcome.AlreadyStored)
                    done.Add(chunk.Header.Ref.Sequence);
            }

            if (isCut)
                await link.CutAsync();
        }

        Break(bench, -1);
    }

    // Shared by all vehicles: what one breaks, another suffers, and mends in its turn.
    private static void Break(IngestBench bench, int what)
    {
        bench.Store.FailsAfterAppend = what == 0;
        bench.Store.FailsFlush = what == 1;
        bench.Store.FailsCreate = what == 2;
        bench.Store.FailsSeal = what == 3;
        bench.Index.FailsBeforeRows = what == 4;
        bench.Index.FailsAfterRows = what == 5;
    }

    private static async Task AssertPacksHoldEachOnceAsync(TempFolder folder, IEnumerable<SampleChunk> chunks)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using FolderPackStore store = new(folder.At("packs"));
        List<string> found = [];
        await foreach (PackId pack in store.ListAsync(ct))
        {
            await using Stream stream = await store.OpenReadAsync(pack, ct);
            McapScan scan = McapScan.Run(new StreamSource(stream));
            Assert.True(scan.IsSealed, $"{pack} is not sealed");
            found.AddRange(scan.PrivateRecords.Select(
                record => Name(AvSdk.Contracts.V1.ChunkRecord.Parser.ParseFrom(record.Content.Span).Header)));
        }

        Assert.Equal(chunks.Select(chunk => Name(chunk.Header)).Order(), found.Order());
    }

    private static string Name(ChunkHeader header) =>
        $"{ChunkKey.From(header.Ref)} {Convert.ToHexString(header.Sha256.Span)}";
}
