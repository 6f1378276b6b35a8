using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AvSdk.Agent.Configuration;
using AvSdk.Agent.Systemd;
using AvSdk.Ingestion;
using AvSdk.Recording;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AvSdk.Agent.Running;

/// <summary>
/// The agent: a recorder, its sources, and the word to the service manager. Starting returns when messages
/// are taken; stopping when what was taken is sealed in the spool, and sent as far as the drain time allows.
/// </summary>
internal sealed class AgentService(
    string configurationFile, AgentConfiguration configuration, ILoggerFactory logs, TimeProvider time, TextWriter output)
    : IHostedService, IDisposable
{
    private readonly ILogger _logger = logs.CreateLogger("AvSdk.Agent");
    private readonly ServiceNotifier _notifier = ServiceNotifier.FromEnvironment();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<IngestSocketServer> _servers = [];
    private readonly List<Task> _tasks = [];
    private ECDsa? _ledgerKey;
    private GatewayLink? _link;
    private LocalRecorder? _recorder;
    private ConfigurationReload? _reload;
    private PosixSignalRegistration? _hangUp;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _recorder = await LocalRecorder.OpenAsync(configuration.Recorder, ToPorts(), cancellationToken)
            .ConfigureAwait(false);
        _reload = new ConfigurationReload(configurationFile, configuration, _recorder, _link, _ledgerKey, time, logs);
        try
        {
            foreach (SocketSource source in configuration.Sources.OfType<SocketSource>())
                _servers.Add(Listen(source, _recorder));
        }
        catch
        {
            await CloseAsync().ConfigureAwait(false);
            throw;
        }

        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            _ = ReloadAsync(_reload);
        });
        string started = AgentReport.Started(_recorder.RecordingId, configuration);
        output.WriteLine(started);
        _notifier.Ready(started);
        _tasks.Add(WatchAsync(_recorder, _stopping.Token));
        foreach (SourceConfiguration source in configuration.Sources)
            _tasks.Add(FileOrSimulation.RunAsync(source, _recorder, time, _logger, _stopping.Token));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_recorder is null)
            return;
        AgentLog.Stops(_logger);
        _notifier.Stopping("flushing");
        await CloseAsync().ConfigureAwait(false);
        string stopped = AgentReport.Stopped(_recorder.RecordingId, _recorder.Ledger);
        output.WriteLine(stopped);
        _notifier.Status(stopped);
    }

    public void Dispose()
    {
        _notifier.Dispose();
        _stopping.Dispose();
        _ledgerKey?.Dispose();
        _reload?.Dispose();
    }

    private async Task ReloadAsync(ConfigurationReload reload)
    {
        // Not on the signal's thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await reload.RunAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The agent stops.
        }
        catch (ObjectDisposedException)
        {
            // It has stopped.
        }
    }

    private async Task CloseAsync()
    {
        _hangUp?.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_tasks).ConfigureAwait(false);
        foreach (IngestSocketServer server in _servers)
            await server.DisposeAsync().ConfigureAwait(false);
        await _recorder!.DisposeAsync().ConfigureAwait(false);
        if ((_reload?.Link ?? _link) is { } link)
            await link.DisposeAsync().ConfigureAwait(false);
    }

    private RecorderPorts ToPorts()
    {
        if (configuration.Gateway is { } gateway)
            _link = GatewayLink.Create(gateway, configuration.Recorder.VehicleId, time, logs);
        if (configuration.LedgerKeyFile is { } keyFile)
        {
            _ledgerKey = LedgerReader.Load(keyFile, out string problem)
                ?? throw new RecorderException($"The key {keyFile} cannot sign the ledger. {problem}");
        }

        return new RecorderPorts { Uplink = _link?.Uplink, Time = time, Logs = logs, LedgerKey = _ledgerKey };
    }

    private IngestSocketServer Listen(SocketSource source, LocalRecorder recorder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(source.Path)!);
        IngestSocketOptions options = new()
        {
            SocketPath = source.Path,
            WhenFull = source.WhenFull == SourceFullPolicy.Drop ? IngestWhenFull.Drop : IngestWhenFull.Wait,
            // A chunk of another writer may hold more than the message that it is large for.
            RecordBytesMax = (int)Math.Clamp(2L * configuration.Recorder.MessageBytesMax, 64 << 20, 1 << 30),
            Status = _ => ValueTask.FromResult(StatusJson.Write(
                recorder.Status, recorder.Ledger, _reload!.Status, _reload.Link?.Credentials?.Certificate)),
            TimeProvider = time,
            LoggerFactory = logs,
        };
        if (source.Mode is { } mode)
            options = options with { SocketMode = mode };
        IngestSocketServer server = IngestSocketServer.Start(recorder, options);
        return server;
    }

    private async Task WatchAsync(LocalRecorder recorder, CancellationToken cancellationToken)
    {
        if (WatchdogInterval.FromEnvironment() is not { } interval)
            return;

        ProgressWatch watch = new(
            () => recorder.Options.Lanes.Max(static lane => lane.ChunkWindow), grace: interval / 2);
        using PeriodicTimer timer = new(interval / 3, time);
        bool wasAlive = true;
        try
        {
            do
            {
                RecorderStatus status = recorder.Status;
                bool isAlive = watch.IsAlive(status, time.GetUtcNow());
                if (isAlive)
                    _notifier.Alive();
                else if (wasAlive)
                    AgentLog.Stands(_logger, status.MemoryBytes);
                wasAlive = isAlive;
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // Stopping: the manager was told.
        }
    }
}
