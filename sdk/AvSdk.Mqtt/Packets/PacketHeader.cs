namespace AvSdk.Mqtt.Packets;

/// <summary>The fixed header of a packet (MQTT 5, section 2.1). Pure functions over bytes.</summary>
/// <remarks><code>
///  0        1                     1 to 4 bytes      + remaining length
/// +----+----+-------------------------------------+----------------------+
/// |type|flag| remaining length, 7 bits a byte,    | variable header,     |
/// |    |    | least first, bit 8: another follows | payload              |
/// +----+----+-------------------------------------+----------------------+
/// </code>
/// The length is checked against the limit before anything is sliced or rented for it.
/// </remarks>
internal readonly record struct PacketHeader(PacketType Type, byte Flags, int HeaderBytes, int BodyBytes)
{
    public const int BytesMax = 5;

    public int PacketBytes => HeaderBytes + BodyBytes;

    /// <summary>Reads the header at the start of the input.</summary>
    /// <param name="input">From the packet's first byte on.</param>
    /// <param name="packetBytesMax">The largest packet that is taken, its header included.</param>
    /// <param name="header">Of good bytes.</param>
    /// <param name="error">Of bad ones.</param>
    /// <returns>False: more bytes are needed, or there is an error.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> input, int packetBytesMax, out PacketHeader header, out PacketError error)
    {
        header = default;
        error = default;
        if (input.IsEmpty)
            return false;
        PacketType type = (PacketType)(input[0] >> 4);
        byte flags = (byte)(input[0] & 0x0F);
        if (CheckFlags(type, flags) is { } problem)
        {
            error = new PacketError(MqttReasonCode.MalformedPacket, 0, problem);
            return false;
        }

        int lengthBytes = VariableInt.TryRead(input[1..], out int bodyBytes);
        if (lengthBytes < 0)
        {
            error = new PacketError(
                MqttReasonCode.MalformedPacket, 1, "remaining length: at most four bytes, no more than needed (1.5.5)");
        }

        if (lengthBytes <= 0)
            return false;
        header = new PacketHeader(type, flags, 1 + lengthBytes, bodyBytes);
        if (header.PacketBytes <= packetBytesMax)
            return true;
        error = new PacketError(MqttReasonCode.PacketTooLarge, 1, "remaining length: over the maximum packet size (3.1.2.11.4)");
        return false;
    }

    /// <summary>The first byte of a packet that is no PUBLISH: its flags are reserved (2.1.3).</summary>
    public static byte FirstByte(PacketType type) => (byte)(((int)type << 4) | ReservedFlags(type));

    private static string? CheckFlags(PacketType type, byte flags)
    {
        if (type == 0)
            return "packet type 0 is forbidden (2.1.2)";
        if (type != PacketType.Publish)
            return flags == ReservedFlags(type) ? null : "reserved flags (2.1.3)";
        int qos = (flags >> 1) & 3;
        if (qos == 3)
            return "QoS 3 (3.3.1-4)";
        return qos == 0 && (flags & 8) != 0 ? "DUP with QoS 0 (3.3.1-2)" : null;
    }

    private static byte ReservedFlags(PacketType type)
        => type is PacketType.Pubrel or PacketType.Subscribe or PacketType.Unsubscribe ? (byte)2 : (byte)0;
}
