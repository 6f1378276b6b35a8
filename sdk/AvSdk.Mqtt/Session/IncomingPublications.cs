using AvSdk.Mqtt.Packets;

namespace AvSdk.Mqtt.Session;

/// <summary>
/// What the server publishes to this end: acknowledged in the order it came (MQTT 5, section 4.6), QoS 2 given on once
/// (4.3.3), bounded by our receive maximum (4.9), and by bytes where a server oversteps it. Sans-I/O; whoever calls holds
/// the session's lock.
/// </summary>
/// <remarks>
/// The consumer may acknowledge in any order; an acknowledgement is held back until those before it are there, as
/// [MQTT-4.6.0-2] and [MQTT-4.6.0-3] ask. QoS 1 leaves nothing behind: on a new connection the server sends again
/// what was not acknowledged. A message of QoS 2 that the consumer has taken is remembered across connections and
/// not given to it twice; one that it has not taken, or disposed of without a word, is forgotten.
/// </remarks>
internal sealed class IncomingPublications(Queue<AckPacket> acks)
{
    private readonly Queue<MqttMessage> _pubackOrder = new();
    private readonly Queue<MqttMessage> _pubrecOrder = new();
    private readonly Dictionary<ushort, MqttMessage> _exactlyOnce = [];

    // Each with the connection on which it counts against the receive maximum.
    private readonly Dictionary<ushort, int> _awaitPubrel = [];
    private IncomingTopics _topics = new(0);
    private int _receiveMaximum;
    private long _bytesMax;
    private int _underWay;
    private long _underWayBytes;

    /// <summary>Counts connections: an acknowledgement of QoS 1 is good on the one its message came by.</summary>
    public int Connection { get; private set; }

    /// <summary>
    /// Whether the server has sent more than our receive maximum (a breach of 3.3.4-9 that mosquitto 2.0.11 commits after
    /// each PUBACK with a queue behind it), and it is more than memory may hold.
    /// </summary>
    public bool IsOverfull => _underWay > _receiveMaximum && _underWayBytes > _bytesMax;

    public void Attach(MqttClientOptions options, bool sessionPresent)
    {
        Detach();
        Connection++;
        _receiveMaximum = options.ReceiveMaximum;
        _bytesMax = options.UnacknowledgedBytesMax;
        _topics = new IncomingTopics(options.TopicAliasMaximum);
        if (!sessionPresent)
        {
            _exactlyOnce.Clear();
            _awaitPubrel.Clear();
        }
    }

    /// <summary>The connection is gone, and with it what waits for a word of the consumer's.</summary>
    public void Detach()
    {
        _pubackOrder.Clear();
        _pubrecOrder.Clear();
        _underWay = 0;
        _underWayBytes = 0;
        foreach ((ushort id, MqttMessage message) in _exactlyOnce)
        {
            if (!message.IsTaken || (message.IsDisposed && message.AcknowledgedWith is null))
                _exactlyOnce.Remove(id);
        }
    }

    /// <summary>Takes a PUBLISH.</summary>
    /// <returns>A message to give on, still without payload; null: a duplicate, or an error.</returns>
    public MqttMessage? Receive(in PublishPacket packet, MqttSession session, out PacketError error)
    {
        error = default;
        if (_topics.Resolve(packet.Topic, packet.TopicAlias) is not { } topic)
        {
            error = new PacketError(MqttReasonCode.TopicAliasInvalid, 0, "a topic alias that is not known (3.3.2.3.4)");
            return null;
        }

        if (packet.Qos == MqttQos.AtMostOnce)
            return new MqttMessage(session, topic, packet, Connection);
        if (packet.Qos == MqttQos.ExactlyOnce && IsDuplicate(packet.Id))
            return null;
        _underWay++;
        _underWayBytes += packet.Payload.Length;
        MqttMessage message = new(session, topic, packet, Connection);
        if (packet.Qos == MqttQos.AtLeastOnce)
        {
            _pubackOrder.Enqueue(message);
        }
        else
        {
            _exactlyOnce[packet.Id] = message;
            _pubrecOrder.Enqueue(message);
        }

        return message;
    }

    /// <summary>PUBREL: the server will not send it again.</summary>
    public void Release(ushort id)
    {
        bool isKnown = _awaitPubrel.Remove(id, out int connection);
        acks.Enqueue(new AckPacket(
            PacketType.Pubcomp, id, isKnown ? MqttReasonCode.Success : MqttReasonCode.PacketIdentifierNotFound));
        if (isKnown && connection == Connection)
            _underWay--;
    }

    /// <summary>The consumer's word. False: it came too late, and the server sends the message again.</summary>
    public bool Acknowledge(MqttMessage message, MqttReasonCode code)
    {
        if (message.Qos == MqttQos.AtMostOnce)
            return true;
        bool isCurrent = message.Qos == MqttQos.AtLeastOnce
            ? message.Connection == Connection
            : _exactlyOnce.TryGetValue(message.PacketId, out MqttMessage? known) && known == message;
        if (message.AcknowledgedWith is not null || !isCurrent)
            return message.AcknowledgedWith is not null;
        message.AcknowledgedWith = code;
        Drain();
        return true;
    }

    private bool IsDuplicate(ushort id)
    {
        if (_awaitPubrel.TryGetValue(id, out int connection))
        {
            _awaitPubrel[id] = Connection;
            _underWay += connection == Connection ? 0 : 1;
            acks.Enqueue(new AckPacket(PacketType.Pubrec, id, MqttReasonCode.Success));
            return true;
        }

        if (!_exactlyOnce.TryGetValue(id, out MqttMessage? message))
            return false;

        // The consumer has it from an earlier connection: its word counts for this delivery.
        if (message.Connection != Connection)
        {
            message.Connection = Connection;
            _underWay++;
            _underWayBytes += message.PayloadBytes;
            _pubrecOrder.Enqueue(message);
            Drain();
        }

        return true;
    }

    private void Drain()
    {
        while (_pubackOrder.TryPeek(out MqttMessage? message) && message.AcknowledgedWith is { } code)
        {
            _pubackOrder.Dequeue();
            _underWayBytes -= message.PayloadBytes;
            acks.Enqueue(new AckPacket(PacketType.Puback, message.PacketId, code));
            _underWay--;
        }

        while (_pubrecOrder.TryPeek(out MqttMessage? message) && message.AcknowledgedWith is { } code)
        {
            _pubrecOrder.Dequeue();
            _underWayBytes -= message.PayloadBytes;
            _exactlyOnce.Remove(message.PacketId);
            acks.Enqueue(new AckPacket(PacketType.Pubrec, message.PacketId, code));
            if (code < MqttReasonCode.Unspecified)
                _awaitPubrel[message.PacketId] = Connection;
            else
                _underWay--;
        }
    }
}
