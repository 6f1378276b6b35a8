namespace AvSdk.Mqtt.Packets;

/// <summary>CONNACK (MQTT 5, section 3.2).</summary>
internal sealed record ConnackPacket(bool SessionPresent, MqttReasonCode Code, PropertySet? Properties)
{
    public byte[] Encode()
    {
        PacketWriter output = new();
        output.Byte(SessionPresent ? 1 : 0);
        output.Byte((byte)Code);
        output.Properties(Properties);
        return output.ToPacket(PacketType.Connack);
    }

    /// <summary>Null: the reader has the error.</summary>
    public static ConnackPacket? Read(ref PacketReader input)
    {
        byte flags = input.Byte("acknowledge flags (3.2.2.1)");
        if (flags > 1)
            input.Fail(MqttReasonCode.MalformedPacket, "acknowledge flags (3.2.2-1)");
        MqttReasonCode code = ReasonCodes.Read(ref input, PacketType.Connack);
        if (flags == 1 && code != MqttReasonCode.Success)
            input.Fail(MqttReasonCode.ProtocolError, "session present with a refusal (3.2.2-6)");
        PropertySet? properties = PropertySet.Read(ref input, PacketType.Connack);
        input.RequireEnd();
        return input.Failed ? null : new ConnackPacket(flags == 1, code, properties);
    }
}
