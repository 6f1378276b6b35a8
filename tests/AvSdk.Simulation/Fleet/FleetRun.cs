using AvSdk.Gateway;
using AvSdk.Gateway.Admission;
using AvSdk.Simulation.Clock;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Simulation.Fleet;

/// <summary>
/// A fleet behind one tower that is lost and comes back: the cars' own loop of attempts against the gateway's own admission,
/// on the virtual clock.
/// </summary>
internal sealed class FleetRun : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(30);
    private static readonly WallClock s_wall = new(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));

    private readonly GatewayMeter _meter = new();
    private readonly List<TimeSpan> _admitted = [];
    private readonly List<TimeSpan> _offered = [];
    private readonly FleetCar[] _cars;

    public FleetRun(FleetCase situation, int cars, int seed)
    {
        Case = situation;
        Time = new MachineTime(Clock, s_wall, new Life("fleet"));
        Gate = new SessionGate(Options, long.MaxValue, static () => 0, _meter, Time, NullLogger.Instance);
        _cars = [.. Enumerable.Range(0, cars).Select(number => new FleetCar(this, number, new Random((seed * 1_000_003) + number)))];
    }

    public FleetCase Case { get; }

    public VirtualClock Clock { get; } = new();

    public TimeProvider Time { get; }

    public GatewayAdmissionOptions Options { get; } = new();

    public SessionGate Gate { get; }

    public bool IsTowerUp { get; private set; }

    public void Offered() => _offered.Add(Clock.Now);

    public void Admitted() => _admitted.Add(Clock.Now);

    /// <summary>Runs until every car is back, or there was time enough for all. Outside of the pool.</summary>
    public FleetReport Execute()
    {
        using CancellationTokenSource ending = new();
        (_, Task ended) = Driver.Start(
            Clock,
            () =>
            {
                Clock.At(Case.Outage, () => IsTowerUp = true);
                Clock.At(s_patience, static () => { });
                foreach (FleetCar car in _cars)
                    _ = car.RunAsync(ending.Token);
            },
            () => _admitted.Count == _cars.Length || Clock.Now >= s_patience);
        ended.GetAwaiter().GetResult();
        return new FleetReport
        {
            Case = Case,
            Cars = _cars.Length,
            Back = _cars.Count(static car => car.BackAt is not null),
            AllBackAfter = _admitted.Count == 0 ? s_patience : _admitted[^1] - Case.Outage,
            OfferedPeak = Peak(_offered, TimeSpan.FromSeconds(1)),
            AdmittedPeak = Peak(_admitted, TimeSpan.FromSeconds(1)),
            AdmittedPerSecond = _admitted.Count < 2 ? 0 : _admitted.Count / (_admitted[^1] - _admitted[0]).TotalSeconds,
            Excess = _admitted.Count == 0 ? 0 : Excess(),
            RefusalsMean = _cars.Average(static car => car.Refusals),
            RefusalsMost = _cars.Max(static car => car.Refusals),
        };
    }

    public void Dispose() => _meter.Dispose();

    private static int Peak(List<TimeSpan> times, TimeSpan window)
    {
        int most = 0;
        for (int first = 0, last = 0; last < times.Count; last++)
        {
            while (times[last] - times[first] >= window)
                first++;
            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    // How many more were admitted than a bucket of SessionsBurst that gets SessionsPerSecond ever held.
    private double Excess()
    {
        double tokens = Options.SessionsBurst, least = 0;
        TimeSpan before = TimeSpan.Zero;
        foreach (TimeSpan at in _admitted)
        {
            tokens = Math.Min(Options.SessionsBurst, tokens + ((at - before).TotalSeconds * Options.SessionsPerSecond)) - 1;
            before = at;
            least = Math.Min(least, tokens);
        }

        return least < -1e-6 ? -least : 0;
    }
}
