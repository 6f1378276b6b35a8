// An MQTT 5 broker in the middle. What it does that brokers do:
//
//   connections     cut at any byte; each end learns at once, later or never; a silent client is dropped after one and a
//                   half times its keep-alive, and one that comes again under its name ends the one that was there
//   publications    of QoS 1, in order of each topic; acknowledged when they are queued, with the word that nobody listens
//   again, astray   (options) delivered twice, at once or later; overtaken by others, or lost
//   killed          whatever was queued is gone, no will is published; what is retained is gone too, half of the times
//   limits          packets, publications at a time and topic aliases are as few as the seed says
using AvSdk.Mqtt;
using AvSdk.Mqtt.Transport;
using AvSdk.Simulation.Clock;
using AvSdk.Simulation.Network;

namespace AvSdk.Simulation.Broker;

/// <summary>The broker that cars and gateway meet at.</summary>
internal sealed class SimulatedBroker
{
    private readonly World _world;
    private readonly Random _chance;
    private readonly List<BrokerClient> _clients = [];
    private readonly SortedDictionary<string, Publication> _retained = new(StringComparer.Ordinal);
    private readonly GatewayReplies _replies;

    public SimulatedBroker(World world, Random chance)
    {
        _world = world;
        _chance = chance;
        _replies = new GatewayReplies(world);
        GatewayLink = new Link(new Random(chance.Next()))
        {
            Latency = TimeSpan.FromMilliseconds(chance.Next(5)),
            Jitter = TimeSpan.FromMilliseconds(chance.Next(3)),
            BytesPerSecond = 100_000_000,
            WindowBytes = 1 << 20,
        };
        PacketBytesMax = chance.Next(2) == 0 ? 8 << 20 : 8192 << chance.Next(8);
        ReceiveMaximum = chance.Next(2) == 0 ? 65_535 : 1 + chance.Next(40);
        TopicAliasMaximum = chance.Next(2) == 0 ? 0 : 1 + chance.Next(10);
    }

    public Link GatewayLink { get; }

    public int PacketBytesMax { get; }

    public int ReceiveMaximum { get; }

    public int TopicAliasMaximum { get; }

    /// <summary>One publication in so many is delivered twice; 0: none.</summary>
    public int TwiceOneIn { get; set; }

    /// <summary>One publication in so many goes astray; 0: none.</summary>
    public int AstrayOneIn { get; set; }

    public bool IsUp { get; private set; } = true;

    public TimeSpan Now => _world.Clock.Now;

    public IEnumerable<Publication> Retained => _retained.Values;

    /// <summary>Bytes that are as random as the seed.</summary>
    public byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        _chance.NextBytes(bytes);
        return bytes;
    }

    public void Start() => _world.Clock.After(TimeSpan.FromSeconds(1), () =>
    {
        foreach (BrokerClient silent in _clients.Where(client => client.IsSilent(Now)).ToArray())
            End(silent, MqttReasonCode.KeepAliveTimeout);
        Start();
    });

    public async ValueTask<IMqttChannel> DialAsync(Life client, Link link, CancellationToken cancellationToken)
    {
        await _world.Clock.Delay(link.Delay(100)).WaitAsync(cancellationToken);
        if (client.IsOver)
            await Life.Never;
        if (!link.IsUp || !IsUp)
            throw new IOException("the broker cannot be reached");
        ByteConnection connection = new(_world.Clock, link, client, _chance);
        BrokerClient there = new(this, connection);
        _clients.Add(there);
        _world.Count(Fault.None, "broker", $"{client.Name} connected");
        _ = Task.Run(there.ServeAsync, CancellationToken.None);
        return connection.ClientEnd;
    }

    public IEnumerable<IConnection> ConnectionsOf(Life client) => _clients
        .Select(static there => there.Connection)
        .Where(connection => connection.Client == client && !connection.IsCut);

    /// <summary>kill -9; it comes again after a while.</summary>
    public void Kill(TimeSpan offTime, bool forgets)
    {
        if (!IsUp)
            return;
        IsUp = false;
        _world.Count(Fault.BrokerKilled, "broker", forgets ? "and forgets what is retained" : "");
        foreach (BrokerClient client in _clients.ToArray())
        {
            client.Leave();
            client.Connection.Cut(losesUp: true, losesDown: _chance.Next(2) == 0, Learns(), TimeSpan.Zero);
        }

        _clients.Clear();
        if (forgets)
            _retained.Clear();
        _world.Clock.After(offTime, () => IsUp = true);
    }

    /// <summary>A client said who it is: who had that name before goes.</summary>
    public void Connected(BrokerClient client)
    {
        foreach (BrokerClient before in _clients.Where(before => before != client && before.Id == client.Id).ToArray())
            End(before, MqttReasonCode.SessionTakenOver);
    }

    /// <summary>A connection has ended.</summary>
    public void Gone(BrokerClient client)
    {
        client.Leave();
        client.Connection.BrokerClose();
        if (_clients.Remove(client) && client.Will is { } will)
            Publish(Publication.Of(will));
    }

    /// <summary>False: nobody listens.</summary>
    public bool Publish(Publication publication)
    {
        _replies.Look(publication);
        if (publication.Options.Retain)
        {
            _retained.Remove(publication.Topic);
            if (publication.Payload.Length > 0)
                _retained[publication.Topic] = publication;
        }

        bool isHeard = false;
        List<string> groups = [];
        foreach (BrokerClient client in _clients.ToArray())
        {
            if (client.Subscriptions.FirstOrDefault(own => own.Matches(publication.Topic)) is not { } subscription)
                continue;
            isHeard = true;
            if (subscription.Group is not { } group)
                Send(client, publication);
            else if (!groups.Contains(group))
                groups.Add(group);
        }

        foreach (string group in groups)
        {
            BrokerClient[] members =
            [
                .. _clients.Where(client => client.Subscriptions.Any(own => own.Group == group && own.Matches(publication.Topic))),
            ];
            Send(members[_chance.Next(members.Length)], publication);
        }

        return isHeard;
    }

    /// <summary>The product did what it must not.</summary>
    public void Complain(string what) => _world.Oracle.Unexplained("The broker: " + what);

    private void Send(BrokerClient client, Publication publication)
    {
        if (AstrayOneIn > 0 && _chance.Next(AstrayOneIn) == 0)
        {
            _world.Count(Fault.Astray, "broker", "");
            if (_chance.Next(3) != 0)
                _world.Clock.After(TimeSpan.FromSeconds(_chance.NextDouble() * 2), () => client.Deliver(publication, false));
            return;
        }

        client.Deliver(publication, false);
        if (TwiceOneIn == 0 || _chance.Next(TwiceOneIn) != 0)
            return;
        _world.Count(Fault.Twice, "broker", "");
        if (_chance.Next(2) == 0)
            client.Deliver(publication, false);
        else
            _world.Clock.After(TimeSpan.FromSeconds(_chance.NextDouble() * 5), () => client.Deliver(publication, false));
    }

    private void End(BrokerClient client, MqttReasonCode reason)
    {
        _world.Trace.Note("broker", $"ends {client.Id}: {reason}");
        client.End(reason);
        Gone(client);
    }

    private TimeSpan? Learns() => _chance.Next(3) == 0 ? null : TimeSpan.FromSeconds(_chance.NextDouble() * 2);
}
