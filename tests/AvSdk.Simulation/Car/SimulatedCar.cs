using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using AvSdk.Simulation.Checks;
using AvSdk.Simulation.Clock;
using AvSdk.Simulation.Disk;
using AvSdk.Simulation.Network;
using AvSdk.Simulation.Workload;
using AvSdk.Testing;

namespace AvSdk.Simulation.Car;

/// <summary>
/// A car's computer: the product's own recorder over a simulated disk, link and clock, started again after
/// every end, with the sensors and sources that write to it.
/// </summary>
internal sealed class SimulatedCar
{
    private static readonly TimeSpan s_startsAgain = TimeSpan.FromMilliseconds(200);

    private readonly World _world;
    private readonly Random _chance;
    private readonly WallClock _wall;
    private readonly List<CarLife> _lives = [];
    private readonly List<Publisher> _publishers = [];
    private readonly List<Source> _sources = [];
    private TaskCompletionSource _ended = new();
    private Life? _starting;
    private bool _failedAtStart;
    private int _starts;

    public SimulatedCar(World world, string name, CarPlan plan, Random chance)
    {
        _world = world;
        _chance = chance;
        Name = name;
        Plan = plan;
        _wall = new WallClock(new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero));
        Disk = new SimulatedDisk(new Random(chance.Next()))
        {
            CapacityBytes = plan.DiskBytes,
            Deleting = (file, bytes) => world.Oracle.Deleting(this, file, bytes),
        };
        Disk.Refused = DiskRefused;
        Disk.FailingFlush = (file, bytes, from) => world.Oracle.LosesCache(this, file, bytes, from);
        if (world.Trace.IsWritten)
            Disk.Done = what => world.Trace.Tell(name, what);
        Disk.PowerFails = () => CutPower("in the middle of an operation");
        Link = new Link(new Random(chance.Next()));
        foreach (Topic topic in plan.Topics.Where(static topic => !topic.IsOfSource))
            _publishers.Add(new Publisher(world, this, topic, new Random(chance.Next())));
        Topic[] ofSource = [.. plan.Topics.Where(static topic => topic.IsOfSource)];
        if (ofSource.Length > 0)
        {
            byte[] id = new byte[16];
            chance.NextBytes(id);
            _sources.Add(new Source(world, this, new Guid(id), ofSource, new Random(chance.Next())));
        }
    }

    public string Name { get; }

    /// <summary>The disk fails, or is full, at this time.</summary>
    public bool DiskRefusesNow { get; set; }

    public CarPlan Plan { get; }

    public SimulatedDisk Disk { get; }

    public Link Link { get; }

    public WallClock Wall => _wall;

    public TimeProvider Time(Life life) => new MachineTime(_world.Clock, _wall, life);

    /// <summary>The life that goes on; null: the car is off.</summary>
    public CarLife? Current { get; private set; }

    public IReadOnlyList<CarLife> Lives => _lives;

    public IReadOnlyList<Source> Sources => _sources;

    /// <summary>How long it stays off after the end that is to come; drawn anew each time.</summary>
    public TimeSpan OffTime { get; set; } = TimeSpan.FromSeconds(1);

    public ulong NowNanoseconds => (ulong)(_wall.At(_world.Clock.Now) - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Starts, and starts again after each end, until the world is quiet.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            TimeSpan since = _world.Clock.Now;
            while (!await StartAsync())
            {
                await _world.Clock.Delay(s_startsAgain);
                _world.Oracle.NotRecording(this, since);
            }

            await _ended.Task;
            await _world.Clock.Delay(OffTime);
        }
    }

    /// <summary>The ignition goes off: at once, without a word.</summary>
    public void CutPower(string when)
    {
        if (_starting is { IsOver: false } starting)
            starting.End();
        else if (Current is { Life.IsOver: false } life)
            End(life, LifeEnd.PowerCut);
        else
            return;
        _world.Count(Fault.PowerCut, Name, when);
        Oracle.LosesPower(this);
        Disk.LosePower();
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        if (Current is not { } life || life.Life.IsOver)
            return;
        _world.Count(Fault.Killed, Name, "");
        End(life, LifeEnd.Killed);
    }

    /// <summary>Stops in order, and lets go of the spool.</summary>
    public async Task StopAsync()
    {
        if (Current is not { } life || life.Life.IsOver)
            return;
        if (life.IsStopping)
            return;
        life.IsStopping = true;
        _world.Count(Fault.Stopped, Name, "");
        await life.Recorder.DisposeAsync();
        if (life.Life.IsOver)
            return;
        _world.Oracle.Stopped(life);
        if (life.Uplink is { } uplink)
            await uplink.DisposeAsync();
        if (!life.Life.IsOver)
            End(life, LifeEnd.Stopped);
    }

    private async Task<bool> StartAsync()
    {
        Life life = new($"{Name} {++_starts}");
        IUplink uplink = _world.UplinkOf(this, life);
        RecorderPorts ports = new()
        {
            Files = _world.Mutant.Files(_world, new SpoolDisk(Disk, life)),
            Uplink = _world.Mutant.Uplink(_world, uplink),
            Time = Time(life),
            Random = new Random(_chance.Next()),
            Logs = _world.Logs(Name, life),
        };
        _ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _starting = life;
        _failedAtStart = false;
        LocalRecorder recorder;
        try
        {
            recorder = await LocalRecorder.OpenAsync(
                _world.Mutant.Options(Plan.Options), ports, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or RecorderException)
        {
            _world.Trace.Note(Name, "cannot start: " + error.Message);
            life.End();
            return false;
        }
        finally
        {
            _starting = null;
        }

        if (life.IsOver)
        {
            // The power went while it was opened.
            _world.LetGo(recorder);
            return false;
        }

        CarLife current = new(life, recorder, uplink as IAsyncDisposable, _world.Clock.Now);
        if (_failedAtStart)
            current.DiskFailedAt = _world.Clock.Now;
        Current = current;
        _lives.Add(current);
        _world.Trace.Note(Name, $"records {current.RecordingId}");
        foreach (Publisher publisher in _publishers)
            publisher.Start(current);
        foreach (Source source in _sources)
            _ = source.StartAsync(current);
        return true;
    }

    private void DiskRefused(DiskFault fault, string what)
    {
        Fault kind = fault == DiskFault.NoSpace ? Fault.DiskFull : what switch
        {
            "read" or "open" or "list" => Fault.ReadFailed,
            "flush" or "flush the folder of" => Fault.FlushFailed,
            "write to" or "cut" => Fault.WriteFailed,
            _ => Fault.NameFailed,
        };
        _world.Count(kind, Name, what);
        if (Current is { } life)
            life.DiskFailedAt = _world.Clock.Now;
        else
            _failedAtStart = true;
    }

    private void End(CarLife life, LifeEnd how)
    {
        _world.Oracle.Ending(this, life);
        string itsFiles = life.RecordingId.ToString("D");
        life.LeftNothing = life.DiskFailedAt is not null
            && !Disk.Files.Any(file => file.Bytes > 0 && file.Name.StartsWith(itsFiles, StringComparison.Ordinal));
        life.End = how;
        life.Life.End();
        Current = null;
        foreach (IConnection connection in _world.ConnectionsOf(life.Life).ToArray())
        {
            TimeSpan? learns = how == LifeEnd.PowerCut && _chance.Next(3) == 0
                ? null
                : TimeSpan.FromMilliseconds(_chance.Next(5000));
            connection.Cut(losesUp: _chance.Next(2) == 0, losesDown: true, clientLearns: null, learns);
        }

        _world.LetGo(life.Recorder);
        _ended.TrySetResult();
    }
}
