using AvSdk.Gateway;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Ingest;
using AvSdk.Gateway.Mqtt;
using AvSdk.Gateway.Query;
using AvSdk.Gateway.Store;
using AvSdk.Simulation.Broker;
using AvSdk.Simulation.Clock;
using AvSdk.Simulation.Disk;
using AvSdk.Simulation.Network;
using AvSdk.Testing;

namespace AvSdk.Simulation.Gateway;

/// <summary>
/// A gateway's machine: the product's own ingest, pack store and SQLite index, over a simulated disk, behind a
/// simulated network. Killed and started again as often as the plan says; SQLite keeps what was committed.
/// </summary>
internal sealed class SimulatedGateway(World world, Random chance)
{
    private readonly List<Connection> _connections = [];
    private readonly WallClock _wall = new(new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero));
    private Life _life = new("gateway 0");
    private CancellationTokenSource _killed = new();
    private int _lives;
    private SqliteChunkIndex? _sqlite;
    private IngestHost? _host;
    private GatewayMeter? _meter;
    private MqttIngest? _mqtt;
    private TaskCompletionSource _ended = new();

    public SimulatedDisk Disk { get; } = new(new Random(chance.Next()))
    {
        CapacityBytes = 1L << 30,
    };

    public PortGate? Gate { get; private set; }

    public Life Life => _life;

    public bool IsRunning => _host is not null;

    public GatewayOptions Options { get; } = new()
    {
        DataFolder = "simulated",
        Software = "avgateway/simulated",
        PackBytesMax = (64 << 10) << chance.Next(5),
        PackIdleTime = TimeSpan.FromSeconds(5 + chance.Next(120)),
        OpenPacksMax = 1 + chance.Next(8),
        PartBytesMax = 4096 << chance.Next(8),
        ChunkBytesMax = 4 << 20,
        UnacknowledgedBytesMax = 4 << 20,
        StagingBytesMax = (4 << 20) + chance.Next(4 << 20),
        StagingAgeMax = TimeSpan.FromSeconds(20 + chance.Next(600)),
    };

    /// <summary>Where SQLite's file is: memory, as the operating system lends it.</summary>
    public string IndexPath { get; } = Path.Combine(world.Folder, "index.db");

    public long StagingBytes => _host?.StagingBytes ?? 0;

    /// <summary>Starts the process; false: its disk refused, it is to be tried again.</summary>
    private async Task<bool> StartAsync()
    {
        Life life = _life = new Life($"gateway {++_lives}");
        _killed = new CancellationTokenSource();
        _ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        PortGate gate = Gate = new PortGate(world.Clock, life, new Random(chance.Next()))
        {
            Failed = what => world.Count(Fault.GatewayPortFailed, "gateway", what),
            Killed = what =>
            {
                world.Count(Fault.GatewayKilled, "gateway", what);
                Kill(losesPower: chance.Next(2) == 0);
            },
        };
        Disk.PowerFails = () => Kill(losesPower: true);
        Disk.Refused = (fault, what) => world.Count(
            fault == DiskFault.NoSpace ? Fault.GatewayDiskFull : Fault.GatewayDiskFailed, "gateway", what);
        world.Plan.Arm(gate);
        _sqlite = new SqliteChunkIndex(IndexPath);
        IChunkIndex index = new GatedIndex(world.Mutant.Index(world, _sqlite), gate);
        IPackStore store = new GatedStore(
            world.Mutant.Store(world, new FolderPackStore(new PackDisk(Disk, life))), gate);
        _meter = new GatewayMeter();
        MachineTime time = new(world.Clock, _wall, life);
        IngestHost host = new(Options, index, store, _meter, time, world.Log("gateway", life));
        Queries = new QueryHandlers(index, store, host.Vehicles, _meter);
        try
        {
            await host.OpenAsync(CancellationToken.None).WaitAsync(_killed.Token);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            world.Trace.Note("gateway", "cannot start: " + error.Message);
            if (_life == life)
                await EndAsync();
            return false;
        }

        _host = host;
        if (world.Broker is { } broker)
            StartMqtt(broker, host, life, time);
        world.Trace.Note("gateway", "started");
        return true;
    }

    private void StartMqtt(SimulatedBroker broker, IngestHost host, Life life, MachineTime time)
    {
        GatewayMqttOptions options = new()
        {
            Address = "mqtt://broker",
            Name = "gateway",
            ConnectChannel = token => broker.DialAsync(life, broker.GatewayLink, token),
            RandomBytes = broker.RandomBytes,
        };
        MqttIngestPorts ports = new(() => host.OpenStream(), host.Admission.TurnAway, _meter!, Options.Software);
        _mqtt = new MqttIngest(ports, options, time, world.Log("gateway", life));
        _mqtt.Start();
    }

    public QueryHandlers? Queries { get; private set; }

    /// <summary>Starts, and starts again after each end.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            while (!await StartAsync())
                await world.Clock.Delay(TimeSpan.FromMilliseconds(500));
            await _ended.Task;
            await world.Clock.Delay(OffTime);
        }
    }

    public void OfflineFor(TimeSpan time) => OffTime = time;

    /// <summary>How long it stays down after the end that is to come.</summary>
    private TimeSpan OffTime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Stops in order: streams end, what is queued is committed, packs are sealed.</summary>
    public async Task StopAsync()
    {
        if (_host is not { } host)
            return;
        Life life = _life;
        _host = null;
        world.Count(Fault.GatewayStopped, "gateway", "");
        foreach (Connection connection in _connections.ToArray())
            connection.Cut(losesUp: true, losesDown: false, TimeSpan.FromMilliseconds(20), TimeSpan.Zero);
        await world.Clock.Delay(TimeSpan.FromMilliseconds(1));
        if (_mqtt is { } mqtt && !life.IsOver)
            await mqtt.DisposeAsync();
        await host.DisposeAsync();
        if (!life.IsOver)
            await EndAsync();
        world.Trace.Note("gateway", "stopped");
    }

    /// <summary>kill -9, or the machine's power.</summary>
    public void Kill(bool losesPower)
    {
        if (_life.IsOver)
            return;
        _life.End();
        _host = null;
        world.Trace.Note("gateway", losesPower ? "loses power" : "is killed");
        if (losesPower)
        {
            world.Count(Fault.GatewayPowerCut, "gateway", "");
            Disk.LosePower();
        }

        foreach (IConnection connection in _connections.Concat(world.Broker?.ConnectionsOf(_life) ?? []).ToArray())
        {
            TimeSpan? learns = losesPower && chance.Next(3) == 0 ? null : TimeSpan.FromMilliseconds(chance.Next(2000));
            connection.Cut(losesUp: true, losesDown: chance.Next(2) == 0, learns, serverLearns: null);
        }

        _connections.Clear();
        _killed.Cancel();
        _ = CloseIndexAsync();
        _ended.TrySetResult();
    }

    /// <summary>A car connects. Null: nobody listens.</summary>
    public Connection? Dial(Life car, Link link)
    {
        if (_host is not { } host)
            return null;
        Connection connection = new(world.Clock, link, car, _life);
        _connections.Add(connection);
        world.Count(Fault.None, "network", $"{car.Name} connected");
        _ = Task.Run(() => ServeAsync(host, connection));
        return connection;
    }

    public IEnumerable<IConnection> ConnectionsOf(Life car) =>
        _connections.Where(connection => connection.Client == car && !connection.IsCut);

    public IEnumerable<Connection> Connections => _connections.Where(static connection => !connection.IsCut);

    private async Task ServeAsync(IngestHost host, Connection connection)
    {
        Exception? ended = null;
        using IngestStream stream = host.OpenStream();
        try
        {
            await stream.RunAsync(
                async token => await connection.GatewayReceiveAsync(token),
                async (reply, token) =>
                {
                    world.Oracle.ReplyGiven(reply);
                    await connection.GatewaySendAsync(reply, token);
                },
                connection.GatewayLost);
        }
        catch (IngestRefusal refusal)
        {
            ended = refusal;
            world.Oracle.Refused(refusal, connection);
        }
        catch (OperationCanceledException)
        {
            ended = new IOException("cancelled");
        }

        if (connection.GatewayLife.IsOver)
            return;
        _connections.Remove(connection);
        connection.GatewayClosed(ended);
    }

    private async Task EndAsync()
    {
        _life.End();
        _host = null;
        await CloseIndexAsync();
        _ended.TrySetResult();
    }

    private async Task CloseIndexAsync()
    {
        SqliteChunkIndex? index = _sqlite;
        _sqlite = null;
        _meter?.Dispose();
        _meter = null;
        if (index is not null)
            await index.DisposeAsync();
    }
}
