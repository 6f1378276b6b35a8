using AvSdk.Recording.Uplink;
using AvSdk.Simulation.Clock;

namespace AvSdk.Simulation.Network;

/// <summary>The network as one recorder sees it.</summary>
internal sealed class CarUplink(VirtualClock clock, Link link, Life life, Func<Life, Link, Connection?> dial) : IUplink
{
    public string Name => "simulated";

    public async ValueTask<IUplinkSession> ConnectAsync(CancellationToken cancellationToken)
    {
        await clock.Delay(link.Delay(100)).WaitAsync(cancellationToken);
        if (life.IsOver)
            await Life.Never;
        if (link.IsUp && dial(life, link) is { } connection)
            return connection.CarEnd;
        throw new UplinkException("The gateway cannot be reached.");
    }
}
