namespace AvSdk.Mqtt.Packets;

/// <summary>UNSUBSCRIBE (MQTT 5, section 3.10).</summary>
internal sealed record UnsubscribePacket(ushort Id, IReadOnlyList<string> Filters, PropertySet? Properties)
{
    public byte[] Encode()
    {
        PacketWriter output = new();
        output.UInt16(Id);
        output.Properties(Properties);
        foreach (string filter in Filters)
            output.Text(filter);
        return output.ToPacket(PacketType.Unsubscribe);
    }

    /// <summary>Null: the reader has the error.</summary>
    public static UnsubscribePacket? Read(ref PacketReader input)
    {
        ushort id = input.UInt16("packet identifier (2.2.1)");
        if (id == 0)
            input.Fail(MqttReasonCode.ProtocolError, "packet identifier 0 (2.2.1-3)");
        PropertySet? properties = PropertySet.Read(ref input, PacketType.Unsubscribe);
        if (input.AtEnd)
            input.Fail(MqttReasonCode.ProtocolError, "no topic filter (3.10.3-2)");
        List<string> filters = [];
        while (!input.AtEnd)
        {
            string filter = input.String("topic filter (3.10.3)");
            if (!input.Failed && !MqttTopic.IsFilter(filter))
                input.Fail(MqttReasonCode.TopicFilterInvalid, "no topic filter (4.7)");
            filters.Add(filter);
        }

        return input.Failed ? null : new UnsubscribePacket(id, filters, properties);
    }
}
