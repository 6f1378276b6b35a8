using System.Diagnostics;
using AvSdk.Recording;
using AvSdk.Simulation.Car;
using AvSdk.Simulation.Checks;
using AvSdk.Simulation.Clock;

namespace AvSdk.Simulation.Runs;

/// <summary>One seed from beginning to end.</summary>
internal sealed class Run(Setup setup, TextWriter? output)
{
    private static readonly TimeSpan s_drainsIn = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_ledgersAreTold = TimeSpan.FromMinutes(3);

    private World _world = null!;
    private bool _isDone;

    /// <summary>Called on a thread of its own, outside of the pool. Returns when the run is over.</summary>
    public RunReport Execute(Watchdog watchdog)
    {
        long begin = Stopwatch.GetTimestamp();
        using World world = _world = new World(setup, output);
        output?.WriteLine($"seed {setup.Seed}: {world.Plan.Describe()}");
        Task scenario = Task.CompletedTask;
        (Driver driver, Task ended) = Driver.Start(
            world.Clock, () => scenario = ScenarioAsync(), () => _isDone || scenario.IsFaulted);
        watchdog.Watch(setup.Seed, driver, world.Clock);
        try
        {
            ended.Wait();
        }
        catch (AggregateException error)
        {
            world.Oracle.Unexplained("The run failed: " + error.InnerException);
        }

        watchdog.Rest();
        if (scenario.IsFaulted)
            world.Oracle.Unexplained("The scenario failed: " + scenario.Exception?.InnerException);
        else if (!_isDone)
            world.Oracle.Unexplained("Nothing is left to happen, and the run is not over: something waits for ever");
        return new RunReport
        {
            Seed = setup.Seed,
            Hash = world.Trace.Hash,
            Faults = [.. Enum.GetValues<Fault>().Select(world.CountOf)],
            Messages = world.Oracle.Messages,
            Stored = _stored,
            VirtualSeconds = world.Clock.Now.TotalSeconds,
            Events = world.Clock.Events,
            RealSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds,
            Violations = [.. world.Oracle.Violations],
        };
    }

    private long _stored;

    private async Task ScenarioAsync()
    {
        World world = _world;
        _ = world.Gateway.RunAsync();
        foreach (SimulatedCar car in world.Cars)
            _ = car.RunAsync();
        world.StartFaults();
        Bounds bounds = new(world);
        bounds.Start();
        await world.Clock.Delay(world.Plan.Duration);
        world.Trace.Note("world", "faults stop");
        world.StopFaults();

        // What a failing disk kept from being read is found by the next start.
        if (await WithinAsync("the drain after the faults", DrainAsync))
        {
            foreach (SimulatedCar car in world.Cars)
                await car.StopAsync();
            await WithinAsync("the drain after a last start", DrainAsync);

            // Ledgers are told of deliveries within a minute, see SpoolLedger.
            await world.Clock.Delay(s_ledgersAreTold);
        }

        foreach (SimulatedCar car in world.Cars)
        {
            if (car.Current is { } life)
            {
                life.LastLedger = world.Mutant.Ledger(life.Recorder.Ledger);
                new LedgerCheck(world, car, life).Run();
            }
        }

        await world.Gateway.StopAsync();
        FinalCheck check = new(world);
        await check.RunAsync();
        _stored = check.Messages;
        world.Trace.Note("world", $"{check.Messages} messages are in the store");
        _isDone = true;
        world.Clock.Stop();
    }

    // Cars and gateway come up by themselves; then nothing more is offered, and all has to go.
    private async Task DrainAsync()
    {
        World world = _world;
        while (world.Cars.Any(static car => car.Current is not { IsStopping: false }) || !world.Gateway.IsRunning)
            await world.Clock.Delay(TimeSpan.FromMilliseconds(100));
        world.IsQuiet = true;
        foreach (SimulatedCar car in world.Cars)
        {
            CarLife life = car.Current!;
            while (!await TryDrainAsync(life))
                await world.Clock.Delay(TimeSpan.FromSeconds(1));
            world.Trace.Note(car.Name, "drained");
        }
    }

    // While the disk refuses, and once for what it cost, a flush says so; the ledger has to say the same.
    private static async Task<bool> TryDrainAsync(CarLife life)
    {
        try
        {
            await life.Recorder.DrainAsync(CancellationToken.None);
            return true;
        }
        catch (RecorderException) when (life.DiskFailedAt is not null)
        {
            return false;
        }
    }

    private async Task<bool> WithinAsync(string what, Func<Task> action)
    {
        Task task = action();
        if (await Task.WhenAny(task, _world.Clock.Delay(s_drainsIn)) == task)
        {
            await task;
            return true;
        }

        foreach (SimulatedCar car in _world.Cars)
        {
            if (car.Current is not { } life)
                continue;
            RecorderStatus status = life.Recorder.Status;
            _world.Trace.Tell(car.Name, $"{status.Uplink} {status.Recovery} {string.Join(' ', status.Lanes)}");
        }

        _world.Oracle.Unexplained($"Stuck: {what} did not end within {s_drainsIn.TotalMinutes} minutes");
        return false;
    }
}
