using AvSdk.Simulation.Network;

namespace AvSdk.Simulation.Broker;

/// <summary>
/// What goes wrong at the broker, beside what a <see cref="FaultPlan"/> has for any network; drawn apart from it, so that a
/// seed has the same plan over both uplinks.
/// </summary>
internal sealed class BrokerPlan(World world, SimulatedBroker broker, Random chance)
{
    private readonly bool _isKilled = chance.Next(2) == 0;
    private readonly bool _isCut = chance.Next(2) == 0;
    private bool _isOver;

    public void Start()
    {
        broker.TwiceOneIn = world.Plan.Has(Fault.Doubled) ? 5 + chance.Next(100) : 0;
        broker.AstrayOneIn = world.Plan.Has(Fault.Datagrams) ? 20 + chance.Next(200) : 0;
        if (_isKilled)
            Repeat(20, () => broker.Kill(TimeSpan.FromSeconds(chance.NextDouble() * 10), forgets: chance.Next(2) == 0));
        if (_isCut)
            Repeat(15, CutGateway);
    }

    public void Stop()
    {
        _isOver = true;
        broker.TwiceOneIn = broker.AstrayOneIn = 0;
    }

    private void CutGateway()
    {
        foreach (IConnection connection in broker.ConnectionsOf(world.Gateway.Life).ToArray())
        {
            world.Count(Fault.LinkCut, "gateway", "");
            connection.Cut(chance.Next(2) == 0, chance.Next(2) == 0, Learns(), Learns());
        }
    }

    private TimeSpan? Learns() => chance.Next(3) == 0 ? null : TimeSpan.FromSeconds(chance.NextDouble() * 3);

    private void Repeat(double meanSeconds, Action action)
    {
        double mean = meanSeconds * world.Plan.Pace;
        world.Clock.After(TimeSpan.FromSeconds(Math.Min(-Math.Log(1 - chance.NextDouble()) * mean, 4 * mean)), () =>
        {
            if (_isOver)
                return;
            action();
            Repeat(meanSeconds, action);
        });
    }
}
