using AvSdk.Mqtt;
using AvSdk.Mqtt.Packets;

namespace AvSdk.Tests.Mqtt;

/// <summary>A packet of each type, as the specification lays it out byte by byte, and how ours is made.</summary>
internal sealed record PacketSample(string Name, string Hex, Func<byte[]> Encode)
{
    public byte[] Bytes => Convert.FromHexString(Hex.Replace(" ", "", StringComparison.Ordinal));

    public override string ToString() => Name;
}

/// <summary>All of them.</summary>
internal static class PacketSamples
{
    public static IReadOnlyList<PacketSample> All { get; } =
    [
        new("connect-least", "10 0F 0004 4D515454 05 02 003C 00 0002 6964",
            () => new ConnectPacket { ClientId = "id", CleanStart = true, KeepAliveSeconds = 60 }.Encode()),
        new("connect-all",
            "10 7E 0004 4D515454 05 EC 001E"
            + " 28 11 00000E10 21 0014 27 00010000 22 000A 19 01 17 00 26 0001 61 0001 62 15 0005 5343524D31 16 0002 0102"
            + " 0005 7665682D31"
            + " 2B 18 00000005 01 01 02 0000003C 03 0004 746578 74 08 0001 72 09 0003 0A0B0C 26 0001 6B 0001 76 26 0001 6B 0001 77"
            + " 0004 73746174 0004 64656164 0004 75736572 0004 70617373",
            () => new ConnectPacket
            {
                ClientId = "veh-1",
                KeepAliveSeconds = 30,
                UserName = "user",
                Password = "pass"u8.ToArray(),
                Will = new()
                {
                    Topic = "stat",
                    Payload = "dead"u8.ToArray(),
                    Qos = MqttQos.AtLeastOnce,
                    Retain = true,
                    Delay = TimeSpan.FromSeconds(5),
                    MessageExpiry = TimeSpan.FromSeconds(60),
                    IsText = true,
                    ContentType = "text",
                    ResponseTopic = "r",
                    CorrelationData = new byte[] { 10, 11, 12 },
                    UserProperties = [new("k", "v"), new("k", "w")],
                },
                Properties = new PropertySet().Add(PropertyId.SessionExpiry, 3600u).Add(PropertyId.ReceiveMaximum, 20u)
                    .Add(PropertyId.MaximumPacketSize, 65_536u).Add(PropertyId.TopicAliasMaximum, 10u)
                    .Add(PropertyId.RequestResponseInformation, 1u).Add(PropertyId.RequestProblemInformation, 0u)
                    .Add([new MqttUserProperty("a", "b")]).Add(PropertyId.AuthenticationMethod, "SCRM1")
                    .Add(PropertyId.AuthenticationData, new ReadOnlyMemory<byte>([1, 2])),
            }.Encode()),
        new("connack-least", "20 03 00 00 00", () => new ConnackPacket(false, MqttReasonCode.Success, null).Encode()),
        new("connack-all",
            "20 40 01 00 3D 11 00000E10 21 0014 24 01 25 00 27 00010000 12 0001 69 22 000A 1F 0002 6F6B 26 0001 61 0001 62"
            + " 28 00 29 00 2A 00 13 001E 1A 0001 72 1C 0001 73 15 0001 6D 16 0001 05",
            () => new ConnackPacket(true, MqttReasonCode.Success, new PropertySet()
                .Add(PropertyId.SessionExpiry, 3600u).Add(PropertyId.ReceiveMaximum, 20u).Add(PropertyId.MaximumQos, 1u)
                .Add(PropertyId.RetainAvailable, 0u).Add(PropertyId.MaximumPacketSize, 65_536u)
                .Add(PropertyId.AssignedClientId, "i").Add(PropertyId.TopicAliasMaximum, 10u).Add(PropertyId.ReasonString, "ok")
                .Add([new MqttUserProperty("a", "b")]).Add(PropertyId.WildcardSubscriptions, 0u)
                .Add(PropertyId.SubscriptionIdentifiers, 0u).Add(PropertyId.SharedSubscriptions, 0u)
                .Add(PropertyId.ServerKeepAlive, 30u).Add(PropertyId.ResponseInformation, "r")
                .Add(PropertyId.ServerReference, "s").Add(PropertyId.AuthenticationMethod, "m")
                .Add(PropertyId.AuthenticationData, new ReadOnlyMemory<byte>([5]))).Encode()),
        new("publish-qos0", "30 06 0001 74 00 6869", () => Publish("t", new(), 0, 0, "hi", false)),
        new("publish-qos1-retain-dup", "3B 08 0001 74 0102 00 6869",
            () => Publish("t", new() { Qos = MqttQos.AtLeastOnce, Retain = true }, 0x0102, 0, "hi", true)),
        new("publish-all",
            "34 2C 0001 74 0007 24 23 0003 01 01 02 0000003C 03 0001 63 08 0001 72 09 0002 0A0B 26 0001 61 0001 62"
            + " 26 0001 61 0000 68 69",
            () => Publish("t", new()
            {
                Qos = MqttQos.ExactlyOnce,
                IsText = true,
                MessageExpiry = TimeSpan.FromSeconds(60),
                ContentType = "c",
                ResponseTopic = "r",
                CorrelationData = new byte[] { 10, 11 },
                UserProperties = [new("a", "b"), new("a", "")],
            }, 7, 3, "hi", false)),
        new("publish-alias-only", "30 07 0000 03 23 0001 68", () => Publish("", new(), 0, 1, "h", false)),
        new("puback", "40 02 0001", () => Ack(new(PacketType.Puback, 1, MqttReasonCode.Success))),
        new("puback-nobody", "40 03 0001 10", () => Ack(new(PacketType.Puback, 1, MqttReasonCode.NoMatchingSubscribers))),
        new("puback-text", "40 0A 0001 97 06 1F 0003 66756C",
            () => new AckPacket(PacketType.Puback, 1, MqttReasonCode.QuotaExceeded, "ful").Encode()),
        new("pubrec", "50 02 FFFF", () => Ack(new(PacketType.Pubrec, 65_535, MqttReasonCode.Success))),
        new("pubrel", "62 02 0001", () => Ack(new(PacketType.Pubrel, 1, MqttReasonCode.Success))),
        new("pubrel-unknown", "62 03 0001 92", () => Ack(new(PacketType.Pubrel, 1, MqttReasonCode.PacketIdentifierNotFound))),
        new("pubcomp", "70 02 0001", () => Ack(new(PacketType.Pubcomp, 1, MqttReasonCode.Success))),
        new("subscribe",
            "82 1C 000A 0B 0B 8001 26 0001 61 0002 6263 0003 612F62 01 0005 612F2B2F23 2E",
            () => new SubscribePacket(10,
                [
                    new("a/b"),
                    new("a/+/#", MqttQos.ExactlyOnce)
                    {
                        NoLocal = true, RetainAsPublished = true, RetainHandling = MqttRetainHandling.DoNotSend,
                    },
                ],
                new PropertySet().Add(PropertyId.SubscriptionIdentifier, 128u).Add([new MqttUserProperty("a", "bc")])).Encode()),
        new("suback", "90 06 000A 00 01 02 87",
            () => new CodesPacket(PacketType.Suback, 10,
                [MqttReasonCode.GrantedQos1, MqttReasonCode.GrantedQos2, MqttReasonCode.NotAuthorized], null).Encode()),
        new("unsubscribe", "A2 08 000B 00 0003 612F62",
            () => new UnsubscribePacket(11, ["a/b"], null).Encode()),
        new("unsuback", "B0 0B 000B 06 1F 0003 6E6F6E 11 00",
            () => new CodesPacket(PacketType.Unsuback, 11,
                [MqttReasonCode.NoSubscriptionExisted, MqttReasonCode.Success],
                new PropertySet().Add(PropertyId.ReasonString, "non")).Encode()),
        new("pingreq", "C0 00", () => new PacketWriter().ToPacket(PacketType.Pingreq)),
        new("pingresp", "D0 00", () => new PacketWriter().ToPacket(PacketType.Pingresp)),
        new("disconnect", "E0 00", () => new EndPacket(PacketType.Disconnect, MqttReasonCode.Success, null).Encode()),
        new("disconnect-all", "E0 12 9C 10 11 00000000 1F 0002 6269 1C 0003 6D6F76",
            () => new EndPacket(PacketType.Disconnect, MqttReasonCode.UseAnotherServer, new PropertySet()
                .Add(PropertyId.SessionExpiry, 0u).Add(PropertyId.ReasonString, "bi").Add(PropertyId.ServerReference, "mov")).Encode()),
        new("auth-done", "F0 00", () => new EndPacket(PacketType.Auth, MqttReasonCode.Success, null).Encode()),
        new("auth", "F0 0B 18 09 15 0001 6D 16 0002 0102",
            () => new EndPacket(PacketType.Auth, MqttReasonCode.ContinueAuthentication, new PropertySet()
                .Add(PropertyId.AuthenticationMethod, "m")
                .Add(PropertyId.AuthenticationData, new ReadOnlyMemory<byte>([1, 2]))).Encode()),
    ];

    public static byte[] Publish(
        string topic, in MqttPublishOptions options, ushort id, ushort alias, string payload, bool duplicate)
    {
        PublishHead head = new(topic, options, id, alias, payload.Length);
        byte[] packet = new byte[head.PacketBytes];
        int at = head.Write(packet, duplicate);
        System.Text.Encoding.ASCII.GetBytes(payload, packet.AsSpan(at));
        return packet;
    }

    private static byte[] Ack(AckPacket ack)
    {
        byte[] packet = new byte[AckPacket.BytesMax];
        return packet[..ack.Write(packet)];
    }
}
