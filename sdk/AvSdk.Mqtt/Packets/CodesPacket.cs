namespace AvSdk.Mqtt.Packets;

/// <summary>SUBACK and UNSUBACK (MQTT 5, sections 3.9 and 3.11): a reason code for each topic filter, in order.</summary>
internal sealed record CodesPacket(
    PacketType Type, ushort Id, IReadOnlyList<MqttReasonCode> Codes, PropertySet? Properties)
{
    public byte[] Encode()
    {
        PacketWriter output = new();
        output.UInt16(Id);
        output.Properties(Properties);
        foreach (MqttReasonCode code in Codes)
            output.Byte((byte)code);
        return output.ToPacket(Type);
    }

    /// <summary>Null: the reader has the error.</summary>
    public static CodesPacket? Read(ref PacketReader input, PacketType type)
    {
        ushort id = input.UInt16("packet identifier (2.2.1)");
        if (id == 0)
            input.Fail(MqttReasonCode.ProtocolError, "packet identifier 0 (2.2.1-3)");
        PropertySet? properties = PropertySet.Read(ref input, type);
        if (input.AtEnd)
            input.Fail(MqttReasonCode.ProtocolError, "no reason code (3.9.3, 3.11.3)");
        List<MqttReasonCode> codes = [];
        while (!input.AtEnd)
            codes.Add(ReasonCodes.Read(ref input, type));
        return input.Failed ? null : new CodesPacket(type, id, codes, properties);
    }
}
