using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;
using AvSdk.Gateway.Query;
using AvSdk.Gateway.Store;
using AvSdk.Gateway.Web;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway;

/// <summary>The gateway's parts, put together; opened and closed with the host.</summary>
internal sealed class GatewayRuntime : IHostedLifecycleService, IAsyncDisposable
{
    private readonly IPackStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ExportCache _exports;
    private readonly CancellationTokenSource _stopping = new();
    private DataFolderLock? _lock;
    private PartStaging? _staging;
    private ChunkCommitter? _committer;
    private IngestPipeline? _pipeline;
    private ITimer? _cleaner;
    private Task _repairing = Task.CompletedTask;
    private bool _stopped;

    public GatewayRuntime(
        GatewayOptions options,
        IChunkIndex index,
        IPackStore store,
        GatewayMeter meter,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        Options = options;
        Index = index;
        _store = store;
        Meter = meter;
        _time = time;
        _logger = loggers.CreateLogger(GatewayMeter.Name);
        Vehicles = new ConnectedVehicles(time);
        Queries = new QueryHandlers(index, store, Vehicles, meter);
        Catalogue = new CatalogueHandlers(index, Vehicles);
        _exports = new ExportCache(
            Path.Combine(options.DataFolder, "cache", "exports"), options, new ExportBuilder(store), meter,
            _logger);
        Exports = new ExportEndpoint(new ExportPlanner(index, options), _exports, this, _logger);
        Health = new HealthEndpoints(this, store, _logger);
        Metrics = new PrometheusText(meter.Meter);
    }

    public GatewayOptions Options { get; }

    public IChunkIndex Index { get; }

    public GatewayMeter Meter { get; }

    public ConnectedVehicles Vehicles { get; }

    public QueryHandlers Queries { get; }

    public CatalogueHandlers Catalogue { get; }

    public ExportEndpoint Exports { get; }

    public HealthEndpoints Health { get; }

    public PrometheusText Metrics { get; }

    /// <summary>Cancelled when the host begins to stop: streams end, so that the server can.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>A shell for one vehicle's stream; the caller disposes it.</summary>
    public IngestStream OpenStream() => new(
        new IngestSession(IngestLimits.From(Options), Options.Software),
        _pipeline
            ?? throw new InvalidOperationException("The gateway has not been started: start the host first."),
        Vehicles,
        Index,
        _logger);

    // Before everything that StartAsync starts: the server must not answer from an index that is not open.
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Options.DataFolder);
        _lock = DataFolderLock.Take(Options.DataFolder);
        _exports.Open();
        await Index.OpenAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<OpenPack> left = await Index.ListOpenPacksAsync(cancellationToken)
            .ConfigureAwait(false);
        await new LostIndexCheck(Index, _store).RunAsync(Options.DataFolder, left, cancellationToken)
            .ConfigureAwait(false);
        _staging = new PartStaging(Options.StagingBytesMax, Options.StagingAgeMax, _time);
        _committer = new ChunkCommitter(_store, Index, Options, Meter, _time, _logger);
        _pipeline = new IngestPipeline(
            Index, _staging, _committer, IngestLimits.From(Options), Meter, _logger);
        TimeSpan period = TimeSpan.FromTicks(
            Math.Max(TimeSpan.TicksPerSecond, Options.StagingAgeMax.Ticks / 4));
        Meter.Observe(
            "av.gateway.ingest.staging", "By", "Memory for unfinished chunks.", () => _staging.Bytes);
        Meter.Observe("av.gateway.export.cache", "By", "Export files kept.", () => _exports.Bytes);
        _cleaner = _time.CreateTimer(_ => _staging.LetGoOld(), null, period, period);

        // New packs get new numbers, so ingest need not wait for old ones to be made whole.
        _repairing = RepairAsync(left, _stopping.Token);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // After the server has stopped: nothing comes in any more.
    public Task StoppedAsync(CancellationToken cancellationToken) => CloseAsync();

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _stopping.Dispose();
        Metrics.Dispose();
        _exports.Dispose();
    }

    private async Task CloseAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _repairing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_cleaner is not null)
            await _cleaner.DisposeAsync().ConfigureAwait(false);
        if (_committer is not null)
            await _committer.DisposeAsync().ConfigureAwait(false);
        _lock?.Dispose();
    }

    private async Task RepairAsync(IReadOnlyList<OpenPack> left, CancellationToken cancellationToken)
    {
        PackRepair repair = new(_store, Index, _logger);
        foreach (OpenPack pack in left)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PackId id = new(pack.VehicleId, pack.RecordingId, pack.Number);
            await repair.TryRepairAsync(id, cancellationToken).ConfigureAwait(false);
        }
    }
}
