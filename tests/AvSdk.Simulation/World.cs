using System.Reflection;
using AvSdk.Recording;
using AvSdk.Simulation.Car;
using AvSdk.Simulation.Checks;
using AvSdk.Simulation.Clock;
using AvSdk.Simulation.Gateway;
using AvSdk.Simulation.Mutants;
using AvSdk.Simulation.Network;
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

    public World(int seed, Mutant mutant, TextWriter? output)
    {
        Seed = seed;
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
    }

    public int Seed { get; }

    public Mutant Mutant { get; }

    public VirtualClock Clock { get; }

    public Trace Trace { get; }

    public FaultPlan Plan { get; }

    public Oracle Oracle { get; }

    public SimulatedGateway Gateway { get; }

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

    public Connection? Dial(Life car, Link link) => Gateway.Dial(car, link);

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
