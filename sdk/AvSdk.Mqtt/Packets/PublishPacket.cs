namespace AvSdk.Mqtt.Packets;

/// <summary>A view of a PUBLISH (MQTT 5, section 3.3); its spans are good as long as the packet's bytes.</summary>
internal readonly ref struct PublishPacket
{
    public MqttQos Qos { get; private init; }

    public bool Retain { get; private init; }

    public bool Duplicate { get; private init; }

    /// <summary>Empty only with a <see cref="TopicAlias"/>.</summary>
    public ReadOnlySpan<byte> Topic { get; private init; }

    /// <summary>0 with QoS 0 only.</summary>
    public ushort Id { get; private init; }

    /// <summary>0: none.</summary>
    public ushort TopicAlias { get; private init; }

    /// <summary>The block, checked; <see cref="PropertySet.From"/> reads it.</summary>
    public ReadOnlySpan<byte> Properties { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>Allocates nothing. On failure the reader has the error.</summary>
    public static PublishPacket Read(ref PacketReader input, byte flags)
    {
        MqttQos qos = (MqttQos)((flags >> 1) & 3);
        ReadOnlySpan<byte> topic = input.Text("topic name (3.3.2.1)");
        if (topic.IndexOfAny((byte)'+', (byte)'#') >= 0)
            input.Fail(MqttReasonCode.TopicNameInvalid, "a wildcard in a topic name (3.3.2-2)");
        ushort id = qos == MqttQos.AtMostOnce ? (ushort)0 : input.UInt16("packet identifier (3.3.2.2)");
        if (qos != MqttQos.AtMostOnce && id == 0)
            input.Fail(MqttReasonCode.ProtocolError, "packet identifier 0 (2.2.1-3)");
        ReadOnlySpan<byte> properties = PropertyWalk.Take(ref input, PacketType.Publish, out int offset);
        ushort alias = 0;
        PropertyWalk walk = PropertyWalk.Over(properties, offset, PacketType.Publish);
        while (walk.Next())
        {
            if (walk.Id == PropertyId.TopicAlias)
                alias = (ushort)walk.Number;
        }

        if (topic.IsEmpty && alias == 0)
            input.Fail(MqttReasonCode.ProtocolError, "neither topic nor alias (3.3.2.1)");
        return new PublishPacket
        {
            Qos = qos,
            Retain = (flags & 1) != 0,
            Duplicate = (flags & 8) != 0,
            Topic = topic,
            Id = id,
            TopicAlias = alias,
            Properties = properties,
            Payload = input.Rest(),
        };
    }
}
