using System.Text;
using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;

namespace AvSdk.Simulation.Broker;

/// <summary>What was published, as the broker holds it.</summary>
/// <param name="Topic">Its name in full.</param>
/// <param name="Options">QoS, the retain flag as published, and properties.</param>
/// <param name="Payload">A copy.</param>
/// <param name="ExpiresAt">Nobody is sent it from then on; null: never.</param>
internal sealed record Publication(string Topic, MqttPublishOptions Options, byte[] Payload, TimeSpan? ExpiresAt)
{
    public static Publication Of(string topic, in PublishPacket packet, TimeSpan now)
    {
        PropertySet? set = PropertySet.From(packet.Properties, PacketType.Publish);
        TimeSpan? expiry = set?.Number(PropertyId.MessageExpiry) is { } seconds ? WireTime.FromSeconds(seconds) : null;
        MqttPublishOptions options = new()
        {
            Qos = packet.Qos,
            Retain = packet.Retain,
            IsText = set?.Number(PropertyId.PayloadFormat) == 1,
            MessageExpiry = expiry,
            ContentType = set?.Text(PropertyId.ContentType),
            ResponseTopic = set?.Text(PropertyId.ResponseTopic),
            CorrelationData = set?.Data(PropertyId.CorrelationData) ?? default,
            UserProperties = set?.UserProperties(),
        };
        return new Publication(topic, options, packet.Payload.ToArray(), now + expiry);
    }

    public static Publication Of(MqttWill will) => new(
        will.Topic,
        new MqttPublishOptions { Qos = will.Qos, Retain = will.Retain, IsText = will.IsText, ContentType = will.ContentType },
        will.Payload.ToArray(), null);

    /// <summary>The packet for a subscriber.</summary>
    public byte[] Encode(ushort id, bool retain)
    {
        MqttPublishOptions options = Options with { Retain = retain };
        PublishHead head = new(Topic, options, id, 0, Payload.Length);
        byte[] packet = new byte[head.PacketBytes];
        Payload.CopyTo(packet, head.Write(packet, duplicate: false));
        return packet;
    }

    public static string TopicOf(in PublishPacket packet) => Encoding.UTF8.GetString(packet.Topic);
}
