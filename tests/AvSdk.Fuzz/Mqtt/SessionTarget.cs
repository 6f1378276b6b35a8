using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;
using AvSdk.Mqtt.Session;
using AvSdk.Tests.Mqtt;

namespace AvSdk.Fuzz.Mqtt;

/// <summary>
/// A session with publications, acknowledgements and lost connections, and a server that sends the input and whatever else
/// comes to its mind.
/// </summary>
internal sealed class SessionTarget(byte[] input, FuzzRandom random) : IDisposable
{
    private const int Steps = 40;

    private readonly MqttSession _session = new();
    private readonly OutputBatch _batch = new();
    private readonly List<MqttMessage> _messages = [];
    private readonly HashSet<ushort> _sent = [];
    private int _receiveMaximum;
    private TimeSpan _now;

    private SessionCore Core => _session.Core;

    public void Run()
    {
        Attach(sessionPresent: false);
        for (int step = 0; step < Steps; step++)
        {
            _now += TimeSpan.FromMilliseconds(random.Below(2000));
            switch (random.Below(9))
            {
                case 0 or 1:
                    Publish();
                    break;
                case 2 or 3:
                    Send();
                    break;
                case 4:
                    Receive(input);
                    break;
                case 5 or 6:
                    Receive(Ack());
                    break;
                case 7:
                    AcknowledgeOne();
                    break;
                default:
                    if (random.OneIn(3))
                        Reconnect();
                    else
                        Core.Tick(_now);
                    break;
            }
        }

        Core.Detach(new MqttException("over"));
        _session.Dispose();
        if (Core.Outgoing.Count != 0)
            throw new BrokenPromiseException($"{Core.Outgoing.Count} publications outlive their session");
        foreach (MqttMessage message in _messages)
            message.Dispose();
    }

    public void Dispose() => _session.Dispose();

    private void Attach(bool sessionPresent)
    {
        _receiveMaximum = random.Between(1, 6);
        MqttServerCapabilities server = new()
        {
            ReceiveMaximum = _receiveMaximum,
            TopicAliasMaximum = random.Below(3),
            MaximumQos = random.OneIn(8) ? MqttQos.AtLeastOnce : MqttQos.ExactlyOnce,
            PacketBytesMax = random.OneIn(8) ? 40 : 1 << 20,
            KeepAlive = TimeSpan.FromSeconds(5),
        };
        _sent.Clear();
        Core.Attach(server, new MqttClientOptions { ReceiveMaximum = random.Between(1, 4) }, sessionPresent, _now);
    }

    private void Reconnect()
    {
        Core.Detach(new MqttException("lost"));
        Attach(sessionPresent: !random.OneIn(3));
    }

    private void Publish()
    {
        Publication publication = _session.Rent();
        MqttPublishOptions options = new() { Qos = (MqttQos)random.Below(3), Retain = random.OneIn(4) };
        int payloadBytes = random.OneIn(6) ? 20_000 : random.Below(60);
        publication.Begin(random.Of(["a", "b", "c/d"]), new byte[random.Below(9)], new byte[payloadBytes], options);
        Core.Outgoing.Add(publication);
        if (random.OneIn(5))
            Core.Outgoing.Cancel(publication, new CancellationToken(true));
    }

    private void Send()
    {
        bool hadOutput = Core.HasOutput;
        Core.Encode(_batch);
        if (hadOutput && _batch.IsEmpty && Core.HasOutput && !_batch.IsLast)
            throw new BrokenPromiseException("the session says that it has output, and gives none");
        Check([.. _batch.Head.Span, .. _batch.Tail.Span]);
        if (random.OneIn(4))
            Receive(Ack());
        bool whole = !random.OneIn(6);
        Core.Written(_batch, whole, _now);
        if (!whole)
            Reconnect();
    }

    // What goes out is good, and no more of it is under way than the server takes.
    private void Check(ReadOnlySpan<byte> output)
    {
        while (!output.IsEmpty)
        {
            PacketError error = PacketDecoding.Decode(output, out byte[]? again);
            if (error.IsError || again is null)
                throw new BrokenPromiseException($"the session sends a bad packet: {error}");
            PacketHeader.TryRead(output, int.MaxValue, out PacketHeader header, out _);
            if (header.Type == PacketType.Publish)
            {
                PacketReader body = new(output.Slice(header.HeaderBytes, header.BodyBytes), 0);
                PublishPacket packet = PublishPacket.Read(ref body, header.Flags);
                if (packet.Qos > MqttQos.AtMostOnce && (!_sent.Add(packet.Id) || _sent.Count > _receiveMaximum))
                    throw new BrokenPromiseException($"{packet.Id} is under way twice, or with {_sent.Count} of {_receiveMaximum}");
            }

            output = output[header.PacketBytes..];
        }
    }

    private byte[] Ack()
    {
        ushort id = (ushort)(_sent.Count > 0 && !random.OneIn(5) ? _sent.ElementAt(random.Below(_sent.Count)) : random.Between(1, 9));
        PacketType type = random.Of([PacketType.Puback, PacketType.Pubrec, PacketType.Pubcomp, PacketType.Pubrel]);
        bool isBad = random.OneIn(4);
        MqttReasonCode code = !isBad ? MqttReasonCode.Success
            : type is PacketType.Pubcomp or PacketType.Pubrel ? MqttReasonCode.PacketIdentifierNotFound : MqttReasonCode.QuotaExceeded;
        return new AckPacket(type, id, code).Encode();
    }

    private void Receive(byte[] bytes)
    {
        using PacketBuffer buffer = new(1 << 16);
        for (ReadOnlyMemory<byte> rest = bytes; !rest.IsEmpty;)
        {
            Memory<byte> free = buffer.GetFreeMemory();
            int taken = Math.Min(free.Length, rest.Length);
            rest[..taken].CopyTo(free);
            rest = rest[taken..];
            buffer.Commit(taken);
            PacketError error;
            while (buffer.TryRead(out PacketHeader header, out ReadOnlySpan<byte> body, out error))
            {
                error = Take(buffer, header, body);
                if (error.IsError)
                    break;
            }

            if (!error.IsError)
                continue;
            if (error.Code < MqttReasonCode.Unspecified)
                throw new BrokenPromiseException($"an error that is none: {error}");
            Core.Written(_batch, false, _now);
            Reconnect();
            return;
        }
    }

    private PacketError Take(PacketBuffer buffer, in PacketHeader header, ReadOnlySpan<byte> body)
    {
        PacketError error = default;
        if (header.Type == PacketType.Publish)
        {
            if (Core.ReceivePublish(header, body, _session, out int payloadBytes, out error) is { } message)
            {
                message.SetPayload(buffer.TakePayload(payloadBytes));
                message.IsTaken = random.OneIn(2);
                _messages.Add(message);
            }

            return error;
        }

        if (header.Type is PacketType.Disconnect or PacketType.Auth)
            return error;
        int before = Core.Outgoing.Count;
        error = Core.Receive(header, body);
        if (header.Type is PacketType.Puback or PacketType.Pubrec or PacketType.Pubcomp && !error.IsError)
            Settle(header.Type, body);
        if (Core.Outgoing.Count > before)
            throw new BrokenPromiseException("an acknowledgement makes publications");
        return error;
    }

    // By the rules of 4.9: PUBACK, PUBCOMP and a PUBREC that refuses give back what the PUBLISH took.
    private void Settle(PacketType type, ReadOnlySpan<byte> body)
    {
        PacketReader input = new(body, 0);
        AckPacket ack = AckPacket.Read(ref input, type);
        if (type != PacketType.Pubrec || ack.Code >= MqttReasonCode.Unspecified)
            _sent.Remove(ack.Id);
    }

    private void AcknowledgeOne()
    {
        if (_messages.Count == 0)
            return;
        MqttMessage message = random.Of(_messages);
        Core.Acknowledge(message, random.OneIn(5) ? MqttReasonCode.QuotaExceeded : MqttReasonCode.Success);
        if (random.OneIn(2))
            message.Dispose();
    }
}
