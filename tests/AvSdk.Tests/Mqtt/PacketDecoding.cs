using System.Text;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;

namespace AvSdk.Tests.Mqtt;

/// <summary>Decodes one packet of any type, and encodes again what came of it.</summary>
internal static class PacketDecoding
{
    /// <summary>The error; none: <paramref name="again"/> is the packet anew, null where more bytes are needed.</summary>
    public static PacketError Decode(ReadOnlySpan<byte> bytes, out byte[]? again, int packetBytesMax = 1 << 20)
    {
        again = null;
        if (!PacketHeader.TryRead(bytes, packetBytesMax, out PacketHeader header, out PacketError error)
            || bytes.Length < header.PacketBytes)
        {
            return error;
        }

        PacketReader input = new(bytes.Slice(header.HeaderBytes, header.BodyBytes), header.HeaderBytes);
        switch (header.Type)
        {
            case PacketType.Connect:
                again = ConnectPacket.Read(ref input)?.Encode();
                break;
            case PacketType.Connack:
                again = ConnackPacket.Read(ref input)?.Encode();
                break;
            case PacketType.Publish:
                again = Publish(ref input, header.Flags);
                break;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                again = AckPacket.Read(ref input, header.Type).Encode();
                break;
            case PacketType.Subscribe:
                again = SubscribePacket.Read(ref input)?.Encode();
                break;
            case PacketType.Suback or PacketType.Unsuback:
                again = CodesPacket.Read(ref input, header.Type)?.Encode();
                break;
            case PacketType.Unsubscribe:
                again = UnsubscribePacket.Read(ref input)?.Encode();
                break;
            case PacketType.Pingreq or PacketType.Pingresp:
                input.RequireEnd();
                again = new PacketWriter().ToPacket(header.Type);
                break;
            default:
                again = EndPacket.Read(ref input, header.Type)?.Encode();
                break;
        }

        if (input.Failed)
            again = null;
        return input.Error;
    }

    private static byte[]? Publish(ref PacketReader input, byte flags)
    {
        PublishPacket packet = PublishPacket.Read(ref input, flags);
        if (input.Failed)
            return null;
        PropertySet? set = PropertySet.From(packet.Properties, PacketType.Publish);
        MqttPublishOptions options = new()
        {
            Qos = packet.Qos,
            Retain = packet.Retain,
            IsText = set?.Number(PropertyId.PayloadFormat) == 1,
            MessageExpiry = set?.Number(PropertyId.MessageExpiry) is { } expiry ? WireTime.FromSeconds(expiry) : null,
            ContentType = set?.Text(PropertyId.ContentType),
            ResponseTopic = set?.Text(PropertyId.ResponseTopic),
            CorrelationData = set?.Data(PropertyId.CorrelationData) ?? default,
            UserProperties = set?.UserProperties(),
        };
        PublishHead head = new(
            Encoding.UTF8.GetString(packet.Topic), options, packet.Id, packet.TopicAlias, packet.Payload.Length);
        byte[] again = new byte[head.PacketBytes];
        packet.Payload.CopyTo(again.AsSpan(head.Write(again, packet.Duplicate)));
        return again;
    }
}
