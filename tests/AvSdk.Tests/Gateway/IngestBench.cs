using AvSdk.Contracts.V1;
using AvSdk.Gateway;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;
using AvSdk.Gateway.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Tests.Gateway;

/// <summary>
/// The ingest side of a gateway over a real index and store, both of which can be made to fail.
/// </summary>
internal sealed class IngestBench : IAsyncDisposable
{
    private readonly GatewayMeter _meter = new();

    private IngestBench(string folder, GatewayOptions options, IngestLimits? limits)
    {
        Options = options;
        Limits = limits ?? IngestLimits.From(options);
        Index = new FaultyIndex(new SqliteChunkIndex(Path.Combine(folder, "index.db")), Events);
        Store = new FaultyPackStore(new FolderPackStore(Path.Combine(folder, "packs")), Events);
        Staging = new PartStaging(options.StagingBytesMax, options.StagingAgeMax, Time);
        Committer = new ChunkCommitter(Store, Index, options, _meter, Time, NullLogger.Instance);
        Pipeline = new IngestPipeline(Index, Staging, Committer, Limits, _meter, NullLogger.Instance);
        Vehicles = new ConnectedVehicles(Time);
    }

    public GatewayOptions Options { get; }

    public IngestLimits Limits { get; }

    public ManualTime Time { get; } = new();

    public List<string> Events { get; } = [];

    public FaultyIndex Index { get; }

    public FaultyPackStore Store { get; }

    public PartStaging Staging { get; }

    public ChunkCommitter Committer { get; }

    public IngestPipeline Pipeline { get; }

    public ConnectedVehicles Vehicles { get; }

    public static async Task<IngestBench> StartAsync(
        string folder, Action<GatewayOptions>? configure = null, IngestLimits? limits = null)
    {
        GatewayOptions options = new() { DataFolder = folder };
        configure?.Invoke(options);
        IngestBench bench = new(folder, options, limits);
        await bench.Index.OpenAsync(TestContext.Current.CancellationToken);
        return bench;
    }

    /// <summary>
    /// A vehicle's link to this bench; already open when <paramref name="vehicleId"/> is given.
    /// </summary>
    public async Task<IngestLink> ConnectAsync(string? vehicleId = "veh-1")
    {
        IngestLink link = new(
            new IngestStream(new IngestSession(Limits, "test"), Pipeline, Vehicles, Index, Time, NullLogger.Instance), Events);
        if (vehicleId is not null)
        {
            await link.SendAsync(new UploadRequest { Open = new Open { Protocol = 1, VehicleId = vehicleId } });
            Assert.NotNull((await link.ReceiveAsync()).Opened);
        }

        return link;
    }

    /// <summary>A link over which this recording has been defined.</summary>
    public async Task<IngestLink> ConnectAsync(SampleRecording recording)
    {
        IngestLink link = await ConnectAsync(recording.VehicleId);
        await link.SendAsync(recording.Define());
        Assert.Empty((await link.ReceiveAsync()).Defined.MissingSchemaSha256);
        return link;
    }

    public async Task<IndexedChunk?> FindAsync(SampleChunk chunk) =>
        (await Index.FindChunksAsync([chunk.Key], TestContext.Current.CancellationToken))[0];

    /// <summary>The body as the store has it.</summary>
    public async Task<byte[]> ReadAsync(SampleChunk chunk)
    {
        IndexedChunk row = (await FindAsync(chunk))!;
        byte[] body = new byte[row.Header.BodyBytes];
        await Store.ReadAsync(
            new PackId(row.VehicleId, row.Key.RecordingId, row.Location!.Value.Pack), row.Location.Value.BodyOffset,
            body, TestContext.Current.CancellationToken);
        return body;
    }

    public async ValueTask DisposeAsync()
    {
        await Committer.DisposeAsync();
        await Index.DisposeAsync();
        await Store.DisposeAsync();
        _meter.Dispose();
    }
}
