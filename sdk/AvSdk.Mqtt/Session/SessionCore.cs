using AvSdk.Mqtt.Packets;

namespace AvSdk.Mqtt.Session;

/// <summary>
/// The session's state machine (MQTT 5, section 4.1): packets in, packets out, time as a number. Touches no socket, timer
/// or task of its own; whoever calls holds the session's lock.
/// </summary>
/// <remarks>
/// Kept from connection to connection: publications that are not settled, packet identifiers, messages of QoS 2
/// that the consumer has taken. Of one connection: requests, quotas, topic aliases, acknowledgements to be sent, the
/// keep-alive.
/// </remarks>
internal sealed class SessionCore
{
    // A server that makes us answer more than it reads is broken, or means harm.
    private const int AcksMax = 4 * 65_536;

    private readonly PacketIds _ids = new();
    private readonly Queue<AckPacket> _acks = new();
    private readonly Queue<byte[]> _packets = new();
    private readonly Dictionary<ushort, PendingRequest> _requests = [];
    private readonly IncomingPublications _incoming;
    private KeepAliveWatch _watch = new(TimeSpan.Zero, TimeSpan.FromSeconds(10), TimeSpan.Zero);
    private byte[]? _disconnect;
    private bool _isDisconnectUrgent;
    private bool _pingDue;

    public SessionCore()
    {
        Outgoing = new OutgoingPublications(_ids, _acks);
        _incoming = new IncomingPublications(_acks);
    }

    public OutgoingPublications Outgoing { get; }

    public bool IsAttached { get; private set; }

    public MqttServerCapabilities Server { get; private set; } = new();

    /// <summary>Whether no more is to be read until something is acknowledged.</summary>
    public bool IsOverfull => _incoming.IsOverfull;

    /// <summary>How often to call <see cref="Tick"/>.</summary>
    public TimeSpan TickInterval => _watch.Interval;

    /// <summary>Whether <see cref="Encode"/> would give something.</summary>
    public bool HasOutput => IsAttached
        && (_acks.Count > 0 || _packets.Count > 0 || _pingDue || _disconnect is not null || Outgoing.CanSend);

    /// <summary>A connection was accepted.</summary>
    public void Attach(MqttServerCapabilities server, MqttClientOptions options, bool sessionPresent, TimeSpan now)
    {
        Server = server;
        IsAttached = true;
        _acks.Clear();
        _packets.Clear();
        _disconnect = null;
        _isDisconnectUrgent = false;
        _pingDue = false;
        _watch = new KeepAliveWatch(server.KeepAlive, options.PingTimeout, now);
        _incoming.Attach(options, sessionPresent);
        Outgoing.Attach(server, options.PublishTopicAliasMaximum, sessionPresent);
    }

    /// <summary>The connection is gone, and nothing is being written any more.</summary>
    /// <param name="failure">What requests end with.</param>
    public void Detach(MqttException failure)
    {
        IsAttached = false;
        _acks.Clear();
        _packets.Clear();
        _incoming.Detach();
        foreach ((ushort id, PendingRequest request) in _requests)
        {
            request.Fail(failure);
            _ids.Return(id);
        }

        _requests.Clear();
    }

    /// <summary>Takes a SUBSCRIBE or UNSUBSCRIBE; 0: no packet identifier is free.</summary>
    public ushort TakeIdFor(PendingRequest request)
    {
        ushort id = _ids.Take();
        if (id != 0)
            _requests[id] = request;
        return id;
    }

    public void Send(byte[] packet) => _packets.Enqueue(packet);

    /// <summary>The last packet of this connection.</summary>
    /// <param name="packet">Empty: the connection ends without one.</param>
    /// <param name="now">Before what is to be published; else after as much of it as may be sent.</param>
    public void SendDisconnect(byte[] packet, bool now)
    {
        if (_disconnect is null || now)
            _disconnect = packet;
        _isDisconnectUrgent |= now;
    }

    public bool Acknowledge(MqttMessage message, MqttReasonCode code)
        => (IsAttached || message.Qos == MqttQos.ExactlyOnce) && _incoming.Acknowledge(message, code);

    /// <summary>Fills the batch with what is to be sent, acknowledgements first.</summary>
    public void Encode(OutputBatch batch)
    {
        batch.Clear();
        do
        {
            while (_acks.TryPeek(out AckPacket ack) && batch.HasRoom(AckPacket.BytesMax))
            {
                _acks.Dequeue();
                batch.Advance(ack.Write(batch.Free));
            }

            while (_packets.TryPeek(out byte[]? packet) && batch.TryAdd(packet))
                _packets.Dequeue();
            if (_pingDue && batch.TryAdd([PacketHeader.FirstByte(PacketType.Pingreq), 0]))
                _pingDue = false;
            if (_disconnect is not null && (_isDisconnectUrgent || !Outgoing.CanSend))
            {
                batch.IsLast = batch.TryAdd(_disconnect);
                return;
            }

            Outgoing.Encode(batch);
        }
        while (_acks.Count > 0 && batch.Tail.IsEmpty && batch.HasRoom(AckPacket.BytesMax));
    }

    /// <summary>The batch was written; not whole: the connection ended within it.</summary>
    public void Written(OutputBatch batch, bool whole, TimeSpan now)
    {
        Outgoing.Written(batch, whole);
        _watch.Sent(now);
    }

    /// <summary>A piece of a batch was taken by the network.</summary>
    public void Progressed(TimeSpan now) => _watch.Sent(now);

    public KeepAliveStep Tick(TimeSpan now)
    {
        KeepAliveStep step = _watch.Check(now, Outgoing.AwaitsAnswer || _requests.Count > 0);
        _pingDue |= step == KeepAliveStep.Ping;
        return step;
    }

    /// <summary>Bytes came, or we kept them from coming.</summary>
    public void Heard(TimeSpan now) => _watch.Received(now);

    /// <summary>Takes a PUBLISH; null: nothing to give on, or an error.</summary>
    public MqttMessage? ReceivePublish(
        in PacketHeader header, ReadOnlySpan<byte> body, MqttSession session, out int payloadBytes, out PacketError error)
    {
        PacketReader input = new(body, header.HeaderBytes);
        PublishPacket packet = PublishPacket.Read(ref input, header.Flags);
        payloadBytes = packet.Payload.Length;
        error = input.Error;
        if (!error.IsError && packet.Qos > MqttQos.AtMostOnce && _acks.Count > AcksMax)
            error = new PacketError(MqttReasonCode.QuotaExceeded, 0, "more to acknowledge than is ever read");
        return error.IsError ? null : _incoming.Receive(packet, session, out error);
    }

    /// <summary>Takes any packet but PUBLISH, CONNACK, DISCONNECT and AUTH.</summary>
    public PacketError Receive(in PacketHeader header, ReadOnlySpan<byte> body)
    {
        PacketReader input = new(body, header.HeaderBytes);
        switch (header.Type)
        {
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                ReceiveAck(ref input, header.Type);
                break;
            case PacketType.Suback or PacketType.Unsuback:
                if (CodesPacket.Read(ref input, header.Type) is { } codes)
                    ReceiveCodes(ref input, codes);
                break;
            case PacketType.Pingresp:
                input.RequireEnd();
                _watch.Answered();
                break;
            default:
                input.Fail(MqttReasonCode.ProtocolError, $"{header.Type}: not from a server, or not now (3)");
                break;
        }

        return input.Error;
    }

    private void ReceiveAck(ref PacketReader input, PacketType type)
    {
        AckPacket ack = AckPacket.Read(ref input, type);
        if (input.Failed)
            return;
        if (_acks.Count > AcksMax)
            input.Fail(MqttReasonCode.QuotaExceeded, "more to acknowledge than is ever read");
        else if (type == PacketType.Pubrel)
            _incoming.Release(ack.Id);
        else if (Outgoing.Answer(ack) is { } problem)
            input.Fail(MqttReasonCode.ProtocolError, problem);
    }

    private void ReceiveCodes(ref PacketReader input, CodesPacket codes)
    {
        if (!_requests.TryGetValue(codes.Id, out PendingRequest? request))
            return;
        if (request.AnswerType != codes.Type || request.FilterCount != codes.Codes.Count)
        {
            input.Fail(MqttReasonCode.ProtocolError, "an answer that does not fit its request (3.8.4, 3.10.4)");
            return;
        }

        _requests.Remove(codes.Id);
        _ids.Return(codes.Id);
        request.Complete(codes.Codes);
    }
}
