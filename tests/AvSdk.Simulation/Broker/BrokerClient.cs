using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;

namespace AvSdk.Simulation.Broker;

/// <summary>
/// The broker's end of one connection: takes packets, and sends publications of QoS 1, as many at a time as the client
/// takes. Sessions end with their connections, since nobody here asks for more.
/// </summary>
internal sealed class BrokerClient(SimulatedBroker broker, ByteConnection connection)
{
    private readonly Dictionary<ushort, string> _aliases = [];
    private readonly List<Subscription> _subscriptions = [];
    private readonly HashSet<ushort> _underWay = [];
    private readonly Queue<(Publication Publication, bool Retain)> _waiting = new();
    private readonly Queue<byte[]> _output = new();
    private MqttWill? _will;
    private TimeSpan _heardAt;
    private TimeSpan _patience;
    private int _receiveMaximum;
    private long _packetBytesMax;
    private ushort _lastId;
    private bool _isSending;

    public string Id { get; private set; } = "";

    public ByteConnection Connection => connection;

    public IReadOnlyList<Subscription> Subscriptions => _subscriptions;

    public bool IsGone { get; private set; }

    /// <summary>What is published when it goes; null: nothing, or it said goodbye.</summary>
    public MqttWill? Will => _will;

    /// <summary>Until the connection's end.</summary>
    public async Task ServeAsync()
    {
        using PacketBuffer buffer = new(broker.PacketBytesMax);
        try
        {
            while (!IsGone && TakeAll(buffer))
            {
                if (await connection.BrokerReceiveAsync() is not { } bytes)
                    break;
                for (int at = 0; at < bytes.Length;)
                {
                    Memory<byte> free = buffer.GetFreeMemory();
                    int taken = Math.Min(free.Length, bytes.Length - at);
                    bytes.AsMemory(at, taken).CopyTo(free);
                    buffer.Commit(taken);
                    at += taken;
                    if (at < bytes.Length && !TakeAll(buffer))
                        break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The link was cut, and the broker has learnt of it.
        }

        broker.Gone(this);
    }

    /// <summary>Queues it for the client.</summary>
    public void Deliver(Publication publication, bool retain)
    {
        if (IsGone)
            return;
        _waiting.Enqueue((publication, retain));
        SendWaiting();
    }

    /// <summary>Ends it from the broker's side, with a last word.</summary>
    public void End(MqttReasonCode reason)
    {
        if (IsGone)
            return;
        Send(new EndPacket(PacketType.Disconnect, reason, null).Encode());
        Leave();
    }

    /// <summary>Nothing more goes to it, nor is taken from it.</summary>
    public void Leave() => IsGone = true;

    /// <summary>Silent for longer than agreed.</summary>
    public bool IsSilent(TimeSpan now) => _patience > TimeSpan.Zero && now - _heardAt > _patience;

    // False: it is over.
    private bool TakeAll(PacketBuffer buffer)
    {
        while (!IsGone && buffer.TryRead(out PacketHeader header, out ReadOnlySpan<byte> body, out PacketError error))
            Take(header, body, error);
        return !IsGone;
    }

    private void Take(in PacketHeader header, ReadOnlySpan<byte> body, in PacketError error)
    {
        _heardAt = broker.Now;
        PacketReader input = new(body, header.HeaderBytes);
        switch (header.Type)
        {
            case PacketType.Connect:
                Connect(ConnectPacket.Read(ref input)!);
                break;
            case PacketType.Publish:
                Take(PublishPacket.Read(ref input, header.Flags));
                break;
            case PacketType.Puback:
                _underWay.Remove(AckPacket.Read(ref input, header.Type).Id);
                SendWaiting();
                break;
            case PacketType.Subscribe:
                Subscribe(SubscribePacket.Read(ref input)!);
                break;
            case PacketType.Pingreq:
                Send(new PacketWriter().ToPacket(PacketType.Pingresp));
                break;
            case PacketType.Disconnect:
                EndPacket? end = EndPacket.Read(ref input, header.Type);
                if (end?.Code != MqttReasonCode.DisconnectWithWill)
                    _will = null;
                Leave();
                break;
            default:
                broker.Complain($"{Id} sends a {header.Type}, which nobody needs here");
                break;
        }

        if (input.Failed || error.IsError)
            broker.Complain($"{Id} sends what MQTT does not allow: {input.Error} {error}");
    }

    private void Connect(ConnectPacket packet)
    {
        Id = packet.ClientId;
        _will = packet.Will;
        _patience = TimeSpan.FromSeconds(packet.KeepAliveSeconds * 1.5);
        _receiveMaximum = (int)(packet.Properties?.Number(PropertyId.ReceiveMaximum) ?? 65_535);
        _packetBytesMax = packet.Properties?.Number(PropertyId.MaximumPacketSize) ?? uint.MaxValue;
        if (!packet.CleanStart || packet.Properties?.Number(PropertyId.SessionExpiry) > 0)
            broker.Complain($"{Id} wants a session that is kept, which is not simulated");
        broker.Connected(this);
        PropertySet properties = new PropertySet()
            .Add(PropertyId.ReceiveMaximum, (uint)broker.ReceiveMaximum)
            .Add(PropertyId.MaximumPacketSize, (uint)broker.PacketBytesMax)
            .Add(PropertyId.TopicAliasMaximum, (uint)broker.TopicAliasMaximum);
        Send(new ConnackPacket(false, MqttReasonCode.Success, properties).Encode());
    }

    private void Take(in PublishPacket packet)
    {
        string topic = packet.Topic.IsEmpty ? _aliases[packet.TopicAlias] : Publication.TopicOf(packet);
        if (packet.TopicAlias > 0)
            _aliases[packet.TopicAlias] = topic;
        if (packet.Qos != MqttQos.AtLeastOnce)
            broker.Complain($"{Id} publishes to {topic} with {packet.Qos}, which is not simulated");
        bool isHeard = broker.Publish(Publication.Of(topic, packet, broker.Now));
        Send(new AckPacket(
            PacketType.Puback, packet.Id,
            isHeard ? MqttReasonCode.Success : MqttReasonCode.NoMatchingSubscribers).Encode());
    }

    private void Subscribe(SubscribePacket packet)
    {
        List<MqttReasonCode> codes = [];
        foreach (MqttSubscription options in packet.Filters)
        {
            Subscription subscription = Subscription.Of(options);
            bool isNew = !_subscriptions.Any(known => known.Options.Filter == options.Filter);
            _subscriptions.RemoveAll(known => known.Options.Filter == options.Filter);
            _subscriptions.Add(subscription);
            codes.Add((MqttReasonCode)options.Qos);
            bool isTold = options.RetainHandling == MqttRetainHandling.Send
                || (options.RetainHandling == MqttRetainHandling.SendIfNew && isNew);
            if (subscription.Group is not null || !isTold)
                continue;
            foreach (Publication kept in broker.Retained.Where(kept => subscription.Matches(kept.Topic)))
                _waiting.Enqueue((kept, true));
        }

        Send(new CodesPacket(PacketType.Suback, packet.Id, codes, null).Encode());
        SendWaiting();
    }

    private void SendWaiting()
    {
        while (_underWay.Count < _receiveMaximum && _waiting.TryDequeue(out (Publication Publication, bool Retain) next))
        {
            if (next.Publication.ExpiresAt <= broker.Now)
                continue;
            do
                _lastId++;
            while (_lastId == 0 || _underWay.Contains(_lastId));
            byte[] packet = next.Publication.Encode(_lastId, next.Retain);
            if (packet.Length > _packetBytesMax)
            {
                broker.Complain($"{next.Publication.Topic} has a packet of {packet.Length} bytes, {Id} takes {_packetBytesMax}");
                continue;
            }

            _underWay.Add(_lastId);
            Send(packet);
        }
    }

    private void Send(byte[] packet)
    {
        if (IsGone)
            return;
        _output.Enqueue(packet);
        if (!_isSending)
            _ = SendAllAsync();
    }

    private async Task SendAllAsync()
    {
        _isSending = true;
        try
        {
            while (_output.TryDequeue(out byte[]? packet))
                await connection.BrokerSendAsync(packet);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The link was cut; reading ends too.
        }

        _isSending = false;
        if (IsGone)
            connection.BrokerClose();
    }
}
