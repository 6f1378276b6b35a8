using AvSdk.Contracts.Identity;
using AvSdk.Gateway.Admission;
using AvSdk.Gateway.Identity;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;
using AvSdk.Gateway.Mqtt;
using AvSdk.Gateway.Query;
using AvSdk.Gateway.Store;
using AvSdk.Gateway.Web;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway;

/// <summary>The gateway's parts, put together; opened and closed with the host.</summary>
internal sealed class GatewayRuntime : IHostedLifecycleService, IAsyncDisposable
{
    private readonly IngestHost _ingest;
    private readonly ExportCache _exports;
    private readonly MqttIngest? _mqtt;
    private readonly CancellationTokenSource _stopping = new();
    private DataFolderLock? _lock;
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
        Meter = meter;
        ILogger logger = loggers.CreateLogger(GatewayMeter.Name);
        Gate = new PeerGate(meter, logger);
        QueryGate = new QueryGate(options.Admission, meter, time, logger);
        _ingest = new IngestHost(options, index, store, meter, time, logger);
        if (options.Mqtt is { } mqtt)
        {
            MqttIngestPorts ports = new(() => OpenStream(null), _ingest.Admission.TurnAway, meter, options.Software);
            _mqtt = new MqttIngest(ports, mqtt, time, logger);
        }

        Queries = new QueryHandlers(index, store, Vehicles, meter);
        Catalogue = new CatalogueHandlers(index, Vehicles);
        _exports = new ExportCache(
            Path.Combine(options.DataFolder, "cache", "exports"), options, new ExportBuilder(store), meter,
            logger);
        Exports = new ExportEndpoint(new ExportPlanner(index, options), _exports, this, logger);
        Health = new HealthEndpoints(this, store, logger);
        Metrics = new PrometheusText(meter.Meter);
    }

    public GatewayOptions Options { get; }

    public IChunkIndex Index { get; }

    public GatewayMeter Meter { get; }

    public PeerGate Gate { get; }

    public QueryGate QueryGate { get; }

    public ConnectedVehicles Vehicles => _ingest.Vehicles;

    public QueryHandlers Queries { get; }

    public CatalogueHandlers Catalogue { get; }

    public ExportEndpoint Exports { get; }

    public HealthEndpoints Health { get; }

    public PrometheusText Metrics { get; }

    /// <summary>Why vehicles cannot come over the broker now; null: they can, or there is none.</summary>
    public string? MqttProblem => _mqtt?.Problem;

    /// <summary>Cancelled when the host begins to stop: streams end, so that the server can.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>
    /// A shell for one vehicle's stream; the caller disposes it. Null: he is who he says he is.
    /// </summary>
    public IngestStream OpenStream(PeerIdentity? vehicle) => _ingest.OpenStream(vehicle);

    // Before everything that StartAsync starts: the server must not answer from an index that is not open.
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Options.DataFolder);
        _lock = DataFolderLock.Take(Options.DataFolder);
        _exports.Open();
        await _ingest.OpenAsync(cancellationToken).ConfigureAwait(false);
        Meter.Observe(
            "av.gateway.ingest.staging", "By", "Memory for unfinished chunks.", () => _ingest.StagingBytes);
        Meter.Observe(
            "av.gateway.ingest.queue", "ms", "How long the queue of sessions turned away is.",
            () => _ingest.Admission.QueueMilliseconds);
        Meter.Observe("av.gateway.export.cache", "By", "Export files kept.", () => _exports.Bytes);
        if (_mqtt is not null)
        {
            Meter.Observe(
                "av.gateway.mqtt.connected", "1", "1: connected to the MQTT broker.", () => _mqtt.Problem is null ? 1 : 0);
            _mqtt.Start();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_mqtt is not null)
            await _mqtt.DisposeAsync().ConfigureAwait(false);
    }

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
        await StoppingAsync(CancellationToken.None).ConfigureAwait(false);
        await _ingest.DisposeAsync().ConfigureAwait(false);
        _lock?.Dispose();
    }
}
