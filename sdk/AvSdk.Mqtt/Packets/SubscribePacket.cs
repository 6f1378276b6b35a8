namespace AvSdk.Mqtt.Packets;

/// <summary>SUBSCRIBE (MQTT 5, section 3.8).</summary>
internal sealed record SubscribePacket(ushort Id, IReadOnlyList<MqttSubscription> Filters, PropertySet? Properties)
{
    private const int NoLocalFlag = 0x04;
    private const int RetainAsPublishedFlag = 0x08;

    public byte[] Encode()
    {
        PacketWriter output = new();
        output.UInt16(Id);
        output.Properties(Properties);
        foreach (MqttSubscription filter in Filters)
        {
            output.Text(filter.Filter);
            output.Byte((int)filter.Qos | (filter.NoLocal ? NoLocalFlag : 0)
                | (filter.RetainAsPublished ? RetainAsPublishedFlag : 0) | ((int)filter.RetainHandling << 4));
        }

        return output.ToPacket(PacketType.Subscribe);
    }

    /// <summary>Null: the reader has the error.</summary>
    public static SubscribePacket? Read(ref PacketReader input)
    {
        ushort id = input.UInt16("packet identifier (2.2.1)");
        if (id == 0)
            input.Fail(MqttReasonCode.ProtocolError, "packet identifier 0 (2.2.1-3)");
        PropertySet? properties = PropertySet.Read(ref input, PacketType.Subscribe);
        if (input.AtEnd)
            input.Fail(MqttReasonCode.ProtocolError, "no topic filter (3.8.3-2)");
        List<MqttSubscription> filters = [];
        while (!input.AtEnd)
            filters.Add(ReadFilter(ref input));
        return input.Failed ? null : new SubscribePacket(id, filters, properties);
    }

    private static MqttSubscription ReadFilter(ref PacketReader input)
    {
        string filter = input.String("topic filter (3.8.3)");
        if (!input.Failed && !MqttTopic.IsFilter(filter))
            input.Fail(MqttReasonCode.TopicFilterInvalid, "no topic filter (4.7)");
        int options = input.Byte("subscription options (3.8.3.1)");
        bool isGood = (options & 0xC0) == 0 && (options & 3) < 3 && (options & 0x30) < 0x30;
        if (!isGood)
            input.Fail(MqttReasonCode.MalformedPacket, "subscription options (3.8.3-5)");
        bool noLocal = (options & NoLocalFlag) != 0;
        if (!input.Failed && noLocal && MqttTopic.IsShared(filter))
            input.Fail(MqttReasonCode.ProtocolError, "no local on a shared subscription (3.8.3-4)");
        return new MqttSubscription(filter, (MqttQos)(options & 3))
        {
            NoLocal = noLocal,
            RetainAsPublished = (options & RetainAsPublishedFlag) != 0,
            RetainHandling = (MqttRetainHandling)((options >> 4) & 3),
        };
    }
}
