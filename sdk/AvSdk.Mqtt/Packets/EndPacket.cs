namespace AvSdk.Mqtt.Packets;

/// <summary>
/// DISCONNECT and AUTH (MQTT 5, sections 3.14 and 3.15): a reason code and properties, both left out when plain.
/// </summary>
internal sealed record EndPacket(PacketType Type, MqttReasonCode Code, PropertySet? Properties)
{
    public byte[] Encode()
    {
        PacketWriter output = new();
        bool hasProperties = Properties is { Count: > 0 };
        if (Code != MqttReasonCode.Success || hasProperties)
            output.Byte((byte)Code);
        if (hasProperties)
            output.Properties(Properties);
        return output.ToPacket(Type);
    }

    /// <summary>Null: the reader has the error.</summary>
    public static EndPacket? Read(ref PacketReader input, PacketType type)
    {
        if (input.AtEnd)
            return new EndPacket(type, MqttReasonCode.Success, null);
        MqttReasonCode code = ReasonCodes.Read(ref input, type);
        PropertySet? properties = input.AtEnd ? null : PropertySet.Read(ref input, type);
        input.RequireEnd();
        return input.Failed ? null : new EndPacket(type, code, properties);
    }
}
