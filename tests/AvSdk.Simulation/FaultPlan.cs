using AvSdk.Simulation.Car;
using AvSdk.Simulation.Gateway;
using AvSdk.Simulation.Network;
using AvSdk.Testing;

namespace AvSdk.Simulation;

/// <summary>
/// What goes wrong in one run, and when. Each kind of fault is in about half of the runs, so that what holds
/// without it is checked strictly in the others.
/// </summary>
internal sealed class FaultPlan
{
    private readonly World _world;
    private readonly Random _chance;
    private readonly HashSet<Fault> _kinds = [];
    private readonly double _pace;
    private bool _isOver;

    public FaultPlan(World world, Random chance)
    {
        _world = world;
        _chance = chance;
        foreach (Fault fault in Enum.GetValues<Fault>().Where(static fault => fault < Fault.BrokerKilled))
        {
            if (chance.Next(2) == 0)
                _kinds.Add(fault);
        }

        // Rare kinds: they excuse much.
        if (chance.Next(3) != 0)
            _kinds.Remove(Fault.BitRot);
        if (chance.Next(4) != 0)
            _kinds.Remove(Fault.Datagrams);
        IsTight = chance.Next(4) == 0;
        IsLong = !IsTight && chance.Next(8) == 0;
        Cars = chance.Next(4) == 0 ? 2 : 1;
        Duration = TimeSpan.FromSeconds(10 + (chance.NextDouble() * chance.NextDouble() * 240));
        _pace = 0.3 + chance.NextDouble();
        if (!IsLong)
            return;
        Duration *= 60;
        _pace *= 60;
    }

    public bool IsTight { get; }

    /// <summary>Hours instead of minutes, with fewer messages.</summary>
    public bool IsLong { get; }

    /// <summary>Agents, all of them with the same vehicle's name.</summary>
    public int Cars { get; }

    public TimeSpan Duration { get; }

    /// <summary>By so much the mean time between two faults of a kind is longer.</summary>
    public double Pace => _pace;

    public bool Has(Fault fault) => _kinds.Contains(fault);

    public string Describe() =>
        $"{Cars} car(s){(IsTight ? ", tight" : IsLong ? ", long" : "")}, {Duration.TotalSeconds:F0} s, "
        + string.Join(' ', _kinds.Where(static kind => kind != Fault.None).Order());

    /// <summary>From now on faults come.</summary>
    public void Start()
    {
        foreach (SimulatedCar car in _world.Cars)
            Start(car);
        SimulatedGateway gateway = _world.Gateway;
        Repeat(Fault.GatewayKilled, 12, () =>
        {
            gateway.OfflineFor(Off());
            if (gateway.Gate is { } gate && _chance.Next(3) != 0)
                gate.KilledIn = 1 + _chance.Next(40);
            else
                gateway.Kill(losesPower: false);
        });
        Repeat(Fault.GatewayPowerCut, 15, () =>
        {
            gateway.OfflineFor(Off());
            int cutIn = 1 + _chance.Next(30);
            gateway.Disk.Faults = (_, _, _) => --cutIn == 0 ? DiskFault.PowerCut : DiskFault.None;
        });
        Repeat(Fault.GatewayStopped, 20, () =>
        {
            gateway.OfflineFor(Off());
            _ = gateway.StopAsync();
        });
        Repeat(Fault.GatewayDiskFailed, 15, () =>
        {
            int oneIn = 1 + _chance.Next(10);
            gateway.Disk.Faults = (_, _, _) => _chance.Next(oneIn) == 0 ? DiskFault.InputOutput : DiskFault.None;
            _world.Clock.After(TimeSpan.FromSeconds(_chance.NextDouble() * 3), () => gateway.Disk.Faults = NoFaults);
        });
        Repeat(Fault.GatewayDiskFull, 20, () =>
        {
            gateway.Disk.CapacityBytes = gateway.Disk.UsedBytes + _chance.Next(100_000);
            _world.Clock.After(
                TimeSpan.FromSeconds(_chance.NextDouble() * 10), () => gateway.Disk.CapacityBytes = 1L << 30);
        });
    }

    /// <summary>A gateway's process begins: how its ports behave.</summary>
    public void Arm(PortGate gate)
    {
        if (_isOver)
            return;
        gate.Slowest = TimeSpan.FromMilliseconds(_chance.Next(3) == 0 ? 2000 : 20);
        if (!Has(Fault.GatewayPortFailed))
            return;
        gate.FailsBeforeOneIn = 10 + _chance.Next(100);
        gate.FailsAfterOneIn = 10 + _chance.Next(100);
    }

    /// <summary>Everything comes good.</summary>
    public void Stop()
    {
        _isOver = true;
        foreach (SimulatedCar car in _world.Cars)
        {
            car.Disk.Faults = NoFaults;
            car.DiskRefusesNow = false;
            car.Disk.CapacityBytes = 1L << 31;
            car.Link.IsUp = true;
            car.Link.TwiceOneIn = 0;
            car.Link.KeepsOrder = true;
            car.OffTime = TimeSpan.FromSeconds(1);
        }

        SimulatedGateway gateway = _world.Gateway;
        gateway.Disk.Faults = NoFaults;
        gateway.Disk.CapacityBytes = 1L << 31;
        gateway.OfflineFor(TimeSpan.FromSeconds(1));
        if (gateway.Gate is not { } gate)
            return;
        gate.KilledIn = gate.FailsBeforeOneIn = gate.FailsAfterOneIn = 0;
        gate.Slowest = TimeSpan.FromMilliseconds(20);
    }

    private static DiskFault NoFaults(DiskOperationKind kind, string name, int bytes) => DiskFault.None;

    private void Start(SimulatedCar car)
    {
        Link link = car.Link;
        link.Latency = TimeSpan.FromMilliseconds(1 + _chance.Next(300));
        link.Jitter = TimeSpan.FromMilliseconds(_chance.Next(300));
        link.BytesPerSecond = 20_000 << _chance.Next(9);
        link.WindowBytes = 4096 << _chance.Next(9);
        link.Doubled = () => _world.Count(Fault.Doubled, car.Name, "");
        if (Has(Fault.Doubled))
            link.TwiceOneIn = 5 + _chance.Next(100);
        link.KeepsOrder = !Has(Fault.Datagrams);
        if (!link.KeepsOrder)
            _world.Count(Fault.Datagrams, car.Name, "");
        Repeat(Fault.PowerCut, 8, () =>
        {
            car.OffTime = Off();
            if (_chance.Next(4) == 0)
            {
                car.CutPower("between operations");
                return;
            }

            int cutIn = 1 + _chance.Next(40);
            car.Disk.Faults = (_, _, _) => --cutIn == 0 ? DiskFault.PowerCut : DiskFault.None;
        });
        Repeat(Fault.Killed, 10, () =>
        {
            car.OffTime = Off();
            car.Kill();
        });
        Repeat(Fault.Stopped, 15, () =>
        {
            car.OffTime = Off();
            _ = car.StopAsync();
        });
        Repeat(Fault.WriteFailed, 10, () => Fail(car, DiskOperationKind.Append, DiskOperationKind.Truncate));
        Repeat(Fault.FlushFailed, 10, () => Fail(car, DiskOperationKind.Flush));
        Repeat(Fault.ReadFailed, 10, () => Fail(car, DiskOperationKind.Read, DiskOperationKind.Open));
        Repeat(Fault.NameFailed, 15, () =>
            Fail(car, DiskOperationKind.Create, DiskOperationKind.Rename, DiskOperationKind.Delete));
        Repeat(Fault.DiskFull, 15, () => Fill(car));
        Repeat(Fault.BitRot, 10, () => Rot(car));
        Repeat(Fault.ClockJump, 10, () => Jump(car));
        Repeat(Fault.LinkCut, 5, () => Cut(car));
        Repeat(Fault.LinkDown, 15, () => TakeDown(car));
        Repeat(Fault.Flushed, 3, () => _ = _world.Oracle.FlushAsync(car));
        Repeat(Fault.Requested, 6, () => _ = _world.Oracle.RequestAsync(_chance));
    }

    private void Repeat(Fault kind, double meanSeconds, Action action)
    {
        if (!Has(kind))
            return;
        double mean = meanSeconds * _pace;
        void Next() => _world.Clock.After(
            TimeSpan.FromSeconds(Math.Min(-Math.Log(1 - _chance.NextDouble()) * mean, 4 * mean)), () =>
            {
                if (_isOver)
                    return;
                action();
                Next();
            });
        Next();
    }

    private TimeSpan Off() => TimeSpan.FromSeconds(_chance.NextDouble() * (_chance.Next(6) == 0 ? 300 : 5));

    private void Fail(SimulatedCar car, params DiskOperationKind[] kinds)
    {
        int oneIn = 1 + _chance.Next(6);
        // Once, for less than a lane's attempts take, or for longer.
        int times = _chance.Next(2) == 0 ? 1 : int.MaxValue;
        TimeSpan duration = TimeSpan.FromSeconds(_chance.NextDouble() * 4);
        car.Disk.Faults = (kind, _, _) =>
            kinds.Contains(kind) && times > 0 && _chance.Next(oneIn) == 0 && times-- > 0
                ? DiskFault.InputOutput
                : DiskFault.None;
        car.DiskRefusesNow = true;
        _world.Clock.After(duration, () =>
        {
            car.Disk.Faults = NoFaults;
            car.DiskRefusesNow = false;
        });
    }

    private void Fill(SimulatedCar car)
    {
        long free = _chance.Next(_chance.Next(2) == 0 ? 2000 : 200_000);
        car.Disk.CapacityBytes = car.Disk.UsedBytes + free;
        // What was accepted while there was room may now wait for it longer than the lane's window.
        if (car.Current is { } life)
            life.DiskFailedAt = _world.Clock.Now;
        _world.Trace.Note(car.Name, $"others fill the disk: {free} bytes are free");
        _world.Clock.After(TimeSpan.FromSeconds(_chance.NextDouble() * 10), () =>
        {
            if (!_isOver)
                car.Disk.CapacityBytes = car.Plan.DiskBytes;
        });
    }

    private void Rot(SimulatedCar car)
    {
        (string Name, long Bytes)[] files = [.. car.Disk.Files.Where(static file => file.Bytes > 0)];
        if (files.Length == 0)
            return;
        (string name, long bytes) = files[_chance.Next(files.Length)];
        _world.Oracle.Rotting(car, name, (int)_chance.NextInt64(bytes), _chance.Next(8));
    }

    private void Jump(SimulatedCar car)
    {
        double span = _chance.Next(3) switch
        {
            0 => 2,
            1 => 86_400,
            _ => 86_400 * 365.0,
        };
        car.Wall.Offset += TimeSpan.FromSeconds(((_chance.NextDouble() * 2) - 1) * span);
        _world.Count(Fault.ClockJump, car.Name, $"to {car.Wall.At(_world.Clock.Now):u}");
    }

    private void Cut(SimulatedCar car)
    {
        if (car.Current is not { } life)
            return;
        foreach (IConnection connection in _world.ConnectionsOf(life.Life).ToArray())
        {
            _world.Count(Fault.LinkCut, car.Name, "");
            connection.Cut(_chance.Next(2) == 0, _chance.Next(2) == 0, Learns(), Learns());
        }
    }

    // At once, later, or never.
    private TimeSpan? Learns() => _chance.Next(4) switch
    {
        0 => TimeSpan.Zero,
        1 => null,
        _ => TimeSpan.FromSeconds(_chance.NextDouble() * 10),
    };

    private void TakeDown(SimulatedCar car)
    {
        double seconds = _chance.NextDouble() * _chance.Next(8) switch
        {
            0 => 300,
            1 or 2 => 60,
            _ => 10,
        };
        seconds *= IsLong ? 60 : 1;
        _world.Count(Fault.LinkDown, car.Name, $"for {seconds:F1} s");
        car.Link.IsUp = false;
        Cut(car);
        _world.Clock.After(TimeSpan.FromSeconds(seconds), () => car.Link.IsUp = true);
    }
}
