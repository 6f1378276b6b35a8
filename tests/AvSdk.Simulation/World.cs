using System.Reflection;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using AvSdk.Simulation.Broker;
using AvSdk.Simulation.Car;
using AvSdk.Simulation.Checks;
using AvSdk.Simulation.Clock;
using AvSdk.Simulation.Gateway;
using AvSdk.Simulation.Mutants;
using AvSdk.Simulation.Network;
using AvSdk.Simulation.Runs;
using AvSdk.Uplink;
using Microsoft.Extensions.Logging;

namespace AvSdk.Simulation;

/// <summary>One run: everything there is, made from one seed, on one clock.</summary>
internal sealed class World : IDisposable
{
    private static readonly FieldInfo s_meters = typeof(LocalRecorder).GetField(
        "_meters", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new InvalidOperationException("LocalRecorder has no _meters any more; see LetGo.");

    private readonly long[] _counts = new long[Enum.GetValues<Fault>().Length];
    private readonly List<SimulatedCar> _cars = [];

    private readonly BrokerPlan? _brokerPlan;

    public World(Setup setup, TextWriter? output)
    {
        (int seed, Mutant mutant, UplinkKind uplink) = setup;
        Mutant = mutant;
        Clock = new VirtualClock();
        Trace = new Trace(Clock, output);
        Folder = Directory.CreateTempSubdirectory("avsim-").FullName;
        if (Directory.Exists("/dev/shm"))
        {
            Directory.Delete(Folder);
            Folder = Path.Combine("/dev/shm", Path.GetFileName(Folder));
            Directory.CreateDirectory(Folder);
        }

        Random chance = new(seed);
        Plan = new FaultPlan(this, new Random(chance.Next()));
        Oracle = new Oracle(this);
        Gateway = new SimulatedGateway(this, new Random(chance.Next()));
        string vehicle = "veh-" + chance.Next(100).ToString("D3");
        for (int at = 0; at < Plan.Cars; at++)
        {
            CarPlan car = CarPlan.Draw(new Random(chance.Next()), vehicle, Plan.IsTight, Plan.IsLong ? 60 : 1);
            _cars.Add(new SimulatedCar(this, "car " + (char)('a' + at), car, new Random(chance.Next())));
        }

        if (uplink != UplinkKind.Mqtt)
            return;
        Random ofBroker = new(~seed);
        Broker = new SimulatedBroker(this, new Random(ofBroker.Next()));
        _brokerPlan = new BrokerPlan(this, Broker, new Random(ofBroker.Next()));
    }

    public Mutant Mutant { get; }

    public VirtualClock Clock { get; }

    public Trace Trace { get; }

    public FaultPlan Plan { get; }

    public Oracle Oracle { get; }

    public SimulatedGateway Gateway { get; }

    /// <summary>Null: cars reach the gateway without one.</summary>
    public SimulatedBroker? Broker { get; }

    public IReadOnlyList<SimulatedCar> Cars => _cars;

    /// <summary>Of the run, in memory where the system has such a place.</summary>
    public string Folder { get; }

    /// <summary>Nothing new is offered: what is there is to be delivered.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>Chunks that a gateway without deduplication stored once more.</summary>
    public List<AvSdk.Gateway.Index.StoredChunk> Extras { get; } = [];

    /// <summary>Does something later, unless the gateway has died by then.</summary>
    public void WhileGatewayLives(TimeSpan delay, Action action)
    {
        Life life = Gateway.Life;
        Clock.After(delay, () =>
        {
            if (!life.IsOver)
                action();
        });
    }

    public long CountOf(Fault fault) => _counts[(int)fault];

    public void Count(Fault fault, string who, string what)
    {
        _counts[(int)fault]++;
        Trace.Note(who, fault == Fault.None ? what : $"{fault} {what}");
    }

    /// <summary>From now on things go wrong.</summary>
    public void StartFaults()
    {
        Broker?.Start();
        Plan.Start();
        _brokerPlan?.Start();
    }

    /// <summary>Everything comes good.</summary>
    public void StopFaults()
    {
        Plan.Stop();
        _brokerPlan?.Stop();
    }

    /// <summary>A car's way to the gateway in one life.</summary>
    public IUplink UplinkOf(SimulatedCar car, Life life)
    {
        if (Broker is not { } broker)
            return new CarUplink(Clock, car.Link, life, Gateway.Dial);

        // Two agents of one name would end each other's connections for ever, if the broker took them for one client.
        string vehicle = car.Plan.Options.VehicleId;
        return new MqttUplink("mqtt://broker", new MqttUplinkOptions
        {
            VehicleId = vehicle,
            ClientId = Cars.Count > 1 ? $"{vehicle}-{car.Name[^1]}" : null,
            TimeProvider = car.Time(life),
            LoggerFactory = Logs(car.Name, life),
            ConnectChannel = token => broker.DialAsync(life, car.Link, token),
            RandomBytes = broker.RandomBytes,
        });
    }

    public IEnumerable<IConnection> ConnectionsOf(Life client) =>
        Gateway.ConnectionsOf(client).Concat(Broker?.ConnectionsOf(client) ?? []);

    public ILoggerFactory Logs(string who, Life life) => new TraceLog(this, who, life);

    public ILogger Log(string who, Life life) => new TraceLog(this, who, life);

    /// <summary>
    /// A process that was killed leaves nothing in the runtime: its meters would keep it in memory for ever.
    /// </summary>
    public void LetGo(LocalRecorder recorder) => ((IDisposable)s_meters.GetValue(recorder)!).Dispose();

    public void Dispose()
    {
        Clock.Stop();
        Directory.Delete(Folder, recursive: true);
    }
}
