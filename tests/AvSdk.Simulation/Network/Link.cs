// The way between a car and the gateway. What it does that links do:
//
//   connecting      takes a while, fails while the link or the gateway is down
//   messages        take a while each, more when they are long; in order within a connection, as gRPC's are; a
//                   window of bytes is under way, then the sender waits
//   cut             at any message, in either direction: what is under way is lost, or arrives still; each end
//                   learns of it at once, later, or never, so that a vehicle may have two connections, and messages
//                   of the old one arrive among those of the new
//   down            for seconds or hours
//   datagrams       (option) messages overtake each other and come twice within a connection
namespace AvSdk.Simulation.Network;

/// <summary>How one car's link is now.</summary>
internal sealed class Link(Random chance)
{
    private long _arrivals;

    public bool IsUp { get; set; } = true;

    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(20);

    public TimeSpan Jitter { get; set; } = TimeSpan.FromMilliseconds(10);

    public long BytesPerSecond { get; set; } = 2_000_000;

    public long WindowBytes { get; set; } = 256 << 10;

    /// <summary>False: messages may overtake each other.</summary>
    public bool KeepsOrder { get; set; } = true;

    /// <summary>One message in so many comes twice; 0: none.</summary>
    public int TwiceOneIn { get; set; }

    /// <summary>The connection is cut when so many messages more have arrived; null: not by this.</summary>
    public Action<long>? Arrived { get; set; }

    /// <summary>Told of each message that comes twice.</summary>
    public Action Doubled { get; set; } = static () => { };

    public TimeSpan Delay(int bytes) =>
        Latency + (Jitter * chance.NextDouble()) + TimeSpan.FromSeconds((double)bytes / BytesPerSecond);

    public bool Duplicates(byte[] message)
    {
        if (TwiceOneIn == 0 || message.Length == 0 || chance.Next(TwiceOneIn) != 0)
            return false;
        Doubled();
        return true;
    }

    public void CountArrival() => Arrived?.Invoke(++_arrivals);
}
