using System.Buffers.Binary;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;

namespace AvSdk.Tests.Mqtt;

/// <summary>
/// The server's half of one client's session, kept from link to link: takes numbered messages, and sends numbered messages,
/// both with QoS 1 and 2 in turn, as the specification asks of a server.
/// </summary>
internal sealed class MemoryBroker(int toSend)
{
    private readonly HashSet<ushort> _received = [];
    private readonly Dictionary<ushort, Outgoing> _underWay = [];
    private readonly List<ushort> _order = [];
    private int _next;
    private ushort _lastId;

    private enum State
    {
        AwaitsAck,
        AwaitsPubcomp,
    }

    /// <summary>Numbers in the order they came; with QoS 2 without those the client sent again.</summary>
    public List<(int Number, MqttQos Qos)> Taken { get; } = [];

    public bool HasSession { get; private set; }

    /// <summary>Whether all was sent and settled.</summary>
    public bool IsDone => _next == toSend && _underWay.Count == 0;

    public void LoseSession()
    {
        HasSession = false;
        _received.Clear();
        foreach (ushort id in _order)
            _lost.Enqueue(_underWay[id].Number);
        _underWay.Clear();
        _order.Clear();
    }

    private readonly Queue<int> _lost = new();

    /// <summary>One connection, to its end.</summary>
    public async Task ServeAsync(MemoryLink link)
    {
        using PacketBuffer buffer = new(1 << 20);
        int receiveMaximum = 0;
        try
        {
            while (true)
            {
                while (buffer.TryRead(out PacketHeader header, out ReadOnlySpan<byte> body, out PacketError error))
                {
                    Assert.False(error.IsError, error.ToString());
                    byte[] answer = Take(header, body, ref receiveMaximum);
                    if (answer.Length > 0)
                        await link.Server.WriteAsync(answer, default, CancellationToken.None);
                }

                int bytes = await link.Server.ReadAsync(buffer.GetFreeMemory(), CancellationToken.None);
                if (bytes == 0)
                    return;
                buffer.Commit(bytes);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The link was cut.
        }
        finally
        {
            await link.Server.DisposeAsync();
        }
    }

    private byte[] Take(in PacketHeader header, ReadOnlySpan<byte> body, ref int receiveMaximum)
    {
        PacketReader input = new(body, 0);
        List<byte> answer = [];
        switch (header.Type)
        {
            case PacketType.Connect:
                ConnectPacket connect = ConnectPacket.Read(ref input)!;
                receiveMaximum = (int)connect.Properties!.Number(PropertyId.ReceiveMaximum)!.Value;
                answer.AddRange(new ConnackPacket(HasSession, MqttReasonCode.Success,
                    new PropertySet().Add(PropertyId.ReceiveMaximum, 7u).Add(PropertyId.TopicAliasMaximum, 2u)).Encode());
                HasSession = true;
                foreach (ushort id in _order)
                    answer.AddRange(Again(id));
                break;
            case PacketType.Publish:
                TakePublish(PublishPacket.Read(ref input, header.Flags), answer);
                break;
            case PacketType.Pubrel:
                ushort released = AckPacket.Read(ref input, header.Type).Id;
                bool known = _received.Remove(released);
                answer.AddRange(new AckPacket(PacketType.Pubcomp, released,
                    known ? MqttReasonCode.Success : MqttReasonCode.PacketIdentifierNotFound).Encode());
                break;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubcomp:
                TakeAnswer(AckPacket.Read(ref input, header.Type), answer);
                break;
            case PacketType.Pingreq:
                answer.AddRange([0xD0, 0]);
                break;
            default:
                break;
        }

        Assert.False(input.Failed, input.Error.ToString());
        while (_underWay.Count < receiveMaximum && (_next < toSend || _lost.Count > 0))
            answer.AddRange(SendNext());
        return [.. answer];
    }

    private void TakePublish(in PublishPacket packet, List<byte> answer)
    {
        int number = BinaryPrimitives.ReadInt32LittleEndian(packet.Payload);
        bool isNew = packet.Qos == MqttQos.AtLeastOnce || _received.Add(packet.Id);
        if (isNew)
            Taken.Add((number, packet.Qos));
        PacketType type = packet.Qos == MqttQos.AtLeastOnce ? PacketType.Puback : PacketType.Pubrec;
        answer.AddRange(new AckPacket(type, packet.Id, MqttReasonCode.Success).Encode());
    }

    private void TakeAnswer(in AckPacket ack, List<byte> answer)
    {
        if (ack.Type == PacketType.Pubrec)
        {
            Assert.True(_underWay.TryGetValue(ack.Id, out Outgoing? sent), $"PUBREC for {ack.Id}");
            sent.State = State.AwaitsPubcomp;
            answer.AddRange(new AckPacket(PacketType.Pubrel, ack.Id, MqttReasonCode.Success).Encode());
            return;
        }

        Assert.True(_underWay.Remove(ack.Id), $"{ack.Type} for {ack.Id}");
        _order.Remove(ack.Id);
    }

    private byte[] SendNext()
    {
        do
            _lastId++;
        while (_lastId == 0 || _underWay.ContainsKey(_lastId));
        int number = _lost.TryDequeue(out int lost) ? lost : _next++;
        _underWay[_lastId] = new Outgoing { Number = number };
        _order.Add(_lastId);
        return Publish(_lastId, number, false);
    }

    private byte[] Again(ushort id) => _underWay[id].State == State.AwaitsPubcomp
        ? new AckPacket(PacketType.Pubrel, id, MqttReasonCode.Success).Encode()
        : Publish(id, _underWay[id].Number, true);

    private static byte[] Publish(ushort id, int number, bool duplicate)
    {
        MqttPublishOptions options = new() { Qos = Numbered.QosOf(number) };
        byte[] payload = Numbered.Payload(number);
        PublishHead head = new("in", options, id, 0, payload.Length);
        byte[] packet = new byte[head.PacketBytes];
        payload.CopyTo(packet, head.Write(packet, duplicate));
        return packet;
    }

    private sealed class Outgoing
    {
        public required int Number { get; init; }

        public State State { get; set; }
    }
}

/// <summary>Messages that are judged by their number.</summary>
internal static class Numbered
{
    public static MqttQos QosOf(int number) => number % 2 == 0 ? MqttQos.AtLeastOnce : MqttQos.ExactlyOnce;

    public static byte[] Payload(int number)
    {
        byte[] payload = new byte[number % 5 == 0 ? 20_000 : 4 + number];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        return payload;
    }
}
