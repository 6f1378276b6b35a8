using static AvSdk.Mqtt.Packets.PacketType;

namespace AvSdk.Mqtt.Packets;

/// <summary>What each property is, and where it may be (MQTT 5, table 2-4).</summary>
internal static class PropertyTable
{
    /// <summary>The place of a will's properties, which are inside a CONNECT.</summary>
    public const PacketType Will = 0;

    private static readonly PropertyRule[] s_rules = Build();

    /// <summary>The rule of a property; its kind is <see cref="PropertyKind.None"/> where there is none.</summary>
    public static PropertyRule Of(int id) => (uint)id < (uint)s_rules.Length ? s_rules[id] : default;

    private static PropertyRule[] Build()
    {
        PropertyRule[] rules = new PropertyRule[(int)PropertyId.SharedSubscriptions + 1];
        void Add(PropertyId id, PropertyKind kind, params ReadOnlySpan<PacketType> packets)
        {
            int places = 0;
            foreach (PacketType packet in packets)
                places |= 1 << (int)packet;
            rules[(int)id] = new PropertyRule(kind, places);
        }

        Add(PropertyId.PayloadFormat, PropertyKind.Flag, Publish, Will);
        Add(PropertyId.MessageExpiry, PropertyKind.UInt32, Publish, Will);
        Add(PropertyId.ContentType, PropertyKind.Text, Publish, Will);
        Add(PropertyId.ResponseTopic, PropertyKind.Text, Publish, Will);
        Add(PropertyId.CorrelationData, PropertyKind.Binary, Publish, Will);
        Add(PropertyId.SubscriptionIdentifier, PropertyKind.Variable, Publish, Subscribe);
        Add(PropertyId.SessionExpiry, PropertyKind.UInt32, Connect, Connack, Disconnect);
        Add(PropertyId.AssignedClientId, PropertyKind.Text, Connack);
        Add(PropertyId.ServerKeepAlive, PropertyKind.UInt16, Connack);
        Add(PropertyId.AuthenticationMethod, PropertyKind.Text, Connect, Connack, Auth);
        Add(PropertyId.AuthenticationData, PropertyKind.Binary, Connect, Connack, Auth);
        Add(PropertyId.RequestProblemInformation, PropertyKind.Flag, Connect);
        Add(PropertyId.WillDelay, PropertyKind.UInt32, Will);
        Add(PropertyId.RequestResponseInformation, PropertyKind.Flag, Connect);
        Add(PropertyId.ResponseInformation, PropertyKind.Text, Connack);
        Add(PropertyId.ServerReference, PropertyKind.Text, Connack, Disconnect);
        Add(PropertyId.ReasonString, PropertyKind.Text,
            Connack, Puback, Pubrec, Pubrel, Pubcomp, Suback, Unsuback, Disconnect, Auth);
        Add(PropertyId.ReceiveMaximum, PropertyKind.UInt16, Connect, Connack);
        Add(PropertyId.TopicAliasMaximum, PropertyKind.UInt16, Connect, Connack);
        Add(PropertyId.TopicAlias, PropertyKind.UInt16, Publish);
        Add(PropertyId.MaximumQos, PropertyKind.Flag, Connack);
        Add(PropertyId.RetainAvailable, PropertyKind.Flag, Connack);
        Add(PropertyId.UserProperty, PropertyKind.Pair,
            Will, Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Suback, Unsubscribe, Unsuback,
            Disconnect, Auth);
        Add(PropertyId.MaximumPacketSize, PropertyKind.UInt32, Connect, Connack);
        Add(PropertyId.WildcardSubscriptions, PropertyKind.Flag, Connack);
        Add(PropertyId.SubscriptionIdentifiers, PropertyKind.Flag, Connack);
        Add(PropertyId.SharedSubscriptions, PropertyKind.Flag, Connack);
        return rules;
    }
}
