using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using AvSdk.Mcap;
using static AvSdk.Contracts.V1.Receipt.Types;

namespace AvSdk.Tests.Gateway;

public sealed class PackTests
{
    private readonly SampleRecording _drive = new();

    [Fact]
    public async Task A_pack_is_a_whole_mcap_of_one_recording_when_the_gateway_stops()
    {
        using TempFolder folder = new();
        SampleChunk chunk = _drive.Chunk((_drive.Imu, 0), (_drive.Gnss, 1));
        await using (IngestBench bench = await IngestBench.StartAsync(folder.Path))
        {
            await using IngestLink link = await bench.ConnectAsync(_drive);
            await link.UploadAsync(chunk);
        }

        using McapIndexedReader reader = McapIndexedReader.Open(PathOf(folder, 1));
        Assert.True(reader.IsFromSummary);
        Assert.Equal(2UL, reader.Statistics!.MessageCount);
        Assert.Equal("veh-1", reader.ReadMetadata(reader.MetadataIndexes[0]).Values["vehicle_id"]);
        using System.Buffers.IMemoryOwner<byte> body = reader.ReadChunkBody(reader.Chunks[0]);
        Assert.True(body.Memory.Span.StartsWith(chunk.Body));
    }

    [Fact]
    public async Task A_full_pack_is_sealed_and_the_next_chunk_begins_another()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path, o => o.PackBytesMax = 64 << 10);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        List<SampleChunk> chunks = [.. Enumerable.Range(0, 5).Select(i => _drive.Chunk(30_000, (_drive.Camera, i)))];
        foreach (SampleChunk chunk in chunks)
            Assert.Equal(Outcome.Stored, (await link.UploadAsync(chunk)).Outcome);
        await bench.Committer.DisposeAsync();

        int[] packs = await Task.WhenAll(chunks.Select(
            async chunk => (await bench.FindAsync(chunk))!.Location!.Value.Pack));
        Assert.Equal([1, 1, 1, 2, 2], packs);
        Assert.Equal(["seal 1", "seal 2"], bench.Events.Where(e => e.StartsWith("seal", StringComparison.Ordinal)));
        foreach (SampleChunk chunk in chunks)
            Assert.Equal(chunk.Body, await bench.ReadAsync(chunk));
    }

    [Fact]
    public async Task A_pack_that_nothing_was_written_to_for_a_while_is_sealed()
    {
        using TempFolder folder = new();
        await using IngestBench bench = await IngestBench.StartAsync(folder.Path);
        await using IngestLink link = await bench.ConnectAsync(_drive);
        await link.UploadAsync(_drive.Chunk((_drive.Imu, 0)));

        bench.Time.Advance(bench.Options.PackIdleTime + TimeSpan.FromMinutes(1));
        SampleChunk next = _drive.Chunk((_drive.Imu, 1));
        await link.UploadAsync(next);

        Assert.Equal(2, (await bench.FindAsync(next))!.Location!.Value.Pack);
    }

    [Fact]
    public async Task Channels_that_come_up_later_are_defined_in_the_open_pack()
    {
        using TempFolder folder = new();
        SampleRecording more = new("veh-1", _drive.Id, 10);
        SampleChunk first = _drive.Chunk((_drive.Imu, 0));
        await using (IngestBench bench = await IngestBench.StartAsync(folder.Path))
        {
            await using IngestLink link = await bench.ConnectAsync(_drive);
            await link.UploadAsync(first);
            Define define = new() { Recording = _drive.Info };
            define.Channels.Add(new ChannelDefinition { ChannelId = 12, Topic = "/late", Lane = "sensors" });
            await link.SendAsync(new UploadRequest { Define = define });
            await link.ReceiveAsync();
            Assert.Equal(Outcome.Stored, (await link.UploadAsync(more.Chunk((more.Camera, 1)))).Outcome);
        }

        using McapIndexedReader reader = McapIndexedReader.Open(PathOf(folder, 1));
        Assert.Equal("/late", reader.Channels[12].Topic);
        Assert.Equal(2, reader.Chunks.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task A_pack_left_open_by_a_crash_is_cut_behind_its_last_row_and_sealed(int tornBytes)
    {
        using TempFolder folder = new();
        SampleChunk kept = _drive.Chunk((_drive.Imu, 0));
        SampleChunk withoutRow = _drive.Chunk((_drive.Imu, 1));
        await CrashAsync(folder, kept, withoutRow);
        using (FileStream torn = new(PathOf(folder, 1), FileMode.Append))
            torn.Write(new byte[tornBytes]);

        await using (GatewayServer gateway = await GatewayServer.StartAsync(folder.Path))
        {
            Assert.Equal(
                [Outcome.AlreadyStored, Outcome.Stored], await gateway.UploadAsync(_drive, kept, withoutRow));
        }

        using McapIndexedReader first = McapIndexedReader.Open(PathOf(folder, 1));
        using McapIndexedReader second = McapIndexedReader.Open(PathOf(folder, 2));
        Assert.True(first.IsFromSummary);
        Assert.Equal(1UL, first.Statistics!.MessageCount);
        Assert.Equal(1UL, second.Statistics!.MessageCount);
    }

    [Fact]
    public async Task A_pack_left_open_without_a_row_is_removed()
    {
        using TempFolder folder = new();
        SampleChunk withoutRow = _drive.Chunk((_drive.Imu, 0));
        await CrashAsync(folder, withoutRow);

        await using (GatewayServer gateway = await GatewayServer.StartAsync(folder.Path))
            Assert.Equal([Outcome.Stored], await gateway.UploadAsync(_drive, withoutRow));

        string only = Assert.Single(Directory.GetFiles(Path.GetDirectoryName(PathOf(folder, 1))!));
        using McapIndexedReader reader = McapIndexedReader.Open(only);
        Assert.Equal(1UL, reader.Statistics!.MessageCount);
    }

    [Fact]
    public async Task A_lost_index_is_rebuilt_from_the_packs()
    {
        using TempFolder folder = new();
        CancellationToken ct = TestContext.Current.CancellationToken;
        SampleRecording other = new("veh-2");
        SampleChunk[] mine = [_drive.Chunk((_drive.Imu, 0)), _drive.Chunk((_drive.Gnss, 1), (_drive.Imu, 2))];
        SampleChunk theirs = other.Chunk(5000, (other.Camera, 0));
        await using (GatewayServer gateway = await GatewayServer.StartAsync(folder.Path))
        {
            await gateway.UploadAsync(_drive, mine);
            await gateway.UploadAsync(other, theirs);
        }

        foreach (string file in Directory.GetFiles(folder.Path, "index.db*"))
            File.Delete(file);
        await using FolderPackStore store = new(folder.At("packs"));
        await using SqliteChunkIndex index = new(folder.At("index.db"));
        await index.OpenAsync(ct);
        IndexRebuildReport report = await new IndexRebuild(store, index).RunAsync(ct);
        IndexRebuildReport again = await new IndexRebuild(store, index).RunAsync(ct);

        Assert.Equal((2, 3L, 3L), (report.Packs, report.Chunks, report.Added));
        Assert.Equal((2, 3L, 0L), (again.Packs, again.Chunks, again.Added));
        Assert.Empty(report.Problems);
        RecordingDefinitions found = (await index.FindRecordingAsync(_drive.Id, ct))!;
        Assert.Equal(_drive.Info, found.Info);
        Assert.Equal(_drive.Channels.Where(c => c.Lane == "telemetry"), found.Channels);
        Assert.Equal([_drive.ImuSchema, _drive.GnssSchema], found.Schemas);
        foreach (SampleChunk chunk in mine.Append(theirs))
        {
            IndexedChunk row = (await index.FindChunksAsync([chunk.Key], ct))[0]!;
            byte[] body = new byte[chunk.Body.Length];
            await store.ReadAsync(
                new PackId(row.VehicleId, row.Key.RecordingId, row.Location!.Value.Pack),
                row.Location.Value.BodyOffset, body, ct);
            Assert.Equal(chunk.Header, row.Header);
            Assert.Equal(chunk.Body, body);
        }

        Assert.Empty(await index.ListOpenPacksAsync(ct));
    }

    private string PathOf(TempFolder folder, int number) =>
        folder.At("packs", "veh-1", _drive.Id.ToString(), $"{number:D6}.mcap");

    /// <summary>
    /// Leaves the last chunk without a row, and the pack open, as a kill between the two would.
    /// </summary>
    private async Task CrashAsync(TempFolder folder, params SampleChunk[] chunks)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using SqliteChunkIndex index = new(folder.At("index.db"));
        await using FolderPackStore store = new(folder.At("packs"));
        await index.OpenAsync(ct);
        Define define = _drive.Define().Define;
        await index.DefineAsync(define.Recording, define.Schemas, define.Channels, ct);
        RecordingDefinitions definitions = (await index.FindRecordingAsync(_drive.Id, ct))!;
        int number = await index.OpenPackAsync(_drive.Id, 0, ct);
        await using IPackWriter writer = await store.CreateAsync(
            new PackId("veh-1", _drive.Id, number), definitions, ct);
        foreach (SampleChunk chunk in chunks)
        {
            long offset = await writer.AppendAsync(chunk.Header, chunk.Body, ct);
            await writer.FlushAsync(ct);
            if (chunk != chunks[^1])
                await index.StoreAsync([new StoredChunk(chunk.Header, new PackLocation(number, offset))], ct);
        }
    }
}
