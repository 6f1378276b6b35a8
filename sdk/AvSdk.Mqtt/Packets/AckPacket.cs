using System.Buffers.Binary;
using System.Text;

namespace AvSdk.Mqtt.Packets;

/// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP (MQTT 5, sections 3.4 to 3.7): they have one layout.</summary>
/// <remarks><code>
///  2 bytes            1, if not Success or with properties     only with properties
/// +------------------+----------------------------------------+--------------------+
/// | packet identifier| reason code                            | properties         |
/// +------------------+----------------------------------------+--------------------+
/// </code></remarks>
internal readonly record struct AckPacket(PacketType Type, ushort Id, MqttReasonCode Code, string? ReasonText = null)
{
    /// <summary>The longest that <see cref="Write"/> makes.</summary>
    public const int BytesMax = 5;

    /// <summary>Properties beside the reason text are checked and not kept.</summary>
    public static AckPacket Read(ref PacketReader input, PacketType type)
    {
        ushort id = input.UInt16("packet identifier (2.2.1)");
        if (id == 0)
            input.Fail(MqttReasonCode.ProtocolError, "packet identifier 0 (2.2.1-3)");
        if (input.AtEnd)
            return new AckPacket(type, id, MqttReasonCode.Success);
        MqttReasonCode code = ReasonCodes.Read(ref input, type);
        string? text = null;
        if (!input.AtEnd)
        {
            PropertyWalk walk = PropertyWalk.Over(PropertyWalk.Take(ref input, type, out int offset), offset, type);
            while (walk.Next())
            {
                if (walk.Id == PropertyId.ReasonString)
                    text = Encoding.UTF8.GetString(walk.Value);
            }
        }

        input.RequireEnd();
        return new AckPacket(type, id, code, text);
    }

    /// <summary>Writes the packet without properties; the destination has room. Returns its length.</summary>
    public int Write(Span<byte> destination)
    {
        destination[0] = PacketHeader.FirstByte(Type);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Id);
        if (Code == MqttReasonCode.Success)
        {
            destination[1] = 2;
            return 4;
        }

        destination[1] = 3;
        destination[4] = (byte)Code;
        return 5;
    }

    /// <summary>The packet with its reason text, for the end that explains itself.</summary>
    public byte[] Encode()
    {
        PacketWriter output = new();
        output.UInt16(Id);
        if (Code != MqttReasonCode.Success || ReasonText is not null)
            output.Byte((byte)Code);
        if (ReasonText is not null)
            output.Properties(new PropertySet().Add(PropertyId.ReasonString, ReasonText));
        return output.ToPacket(Type);
    }
}
