namespace AvSdk.Mqtt;

/// <summary>
/// The result of an operation, as it goes over the wire; from 0x80 on a failure (MQTT 5, section 2.4).
/// </summary>
public enum MqttReasonCode : byte
{
    /// <summary>Done. In a SUBACK: QoS 0 granted; in a DISCONNECT: normal, the will is discarded.</summary>
    Success = 0x00,

    /// <summary>QoS 1 granted.</summary>
    GrantedQos1 = 0x01,

    /// <summary>QoS 2 granted.</summary>
    GrantedQos2 = 0x02,

    /// <summary>Normal, and the server publishes the will.</summary>
    DisconnectWithWill = 0x04,

    /// <summary>Accepted, and nobody subscribes to it.</summary>
    NoMatchingSubscribers = 0x10,

    /// <summary>There was nothing to unsubscribe.</summary>
    NoSubscriptionExisted = 0x11,

    /// <summary>The authentication goes on with another step.</summary>
    ContinueAuthentication = 0x18,

    /// <summary>A new authentication begins.</summary>
    Reauthenticate = 0x19,

    /// <summary>A failure that the sender does not explain.</summary>
    Unspecified = 0x80,

    /// <summary>The bytes are no packet.</summary>
    MalformedPacket = 0x81,

    /// <summary>A packet that is not allowed, or not now.</summary>
    ProtocolError = 0x82,

    /// <summary>Valid, and not accepted by this receiver.</summary>
    ImplementationSpecific = 0x83,

    /// <summary>The server does not speak MQTT 5.</summary>
    UnsupportedProtocolVersion = 0x84,

    /// <summary>The client identifier is not allowed.</summary>
    ClientIdentifierNotValid = 0x85,

    /// <summary>User name or password is not accepted.</summary>
    BadUserNameOrPassword = 0x86,

    /// <summary>Not authorised.</summary>
    NotAuthorized = 0x87,

    /// <summary>The server is not available.</summary>
    ServerUnavailable = 0x88,

    /// <summary>The server is busy: try again later.</summary>
    ServerBusy = 0x89,

    /// <summary>The client is banned by administrative action.</summary>
    Banned = 0x8A,

    /// <summary>The server shuts down.</summary>
    ServerShuttingDown = 0x8B,

    /// <summary>The authentication method is not supported, or not the one in use.</summary>
    BadAuthenticationMethod = 0x8C,

    /// <summary>Nothing was received for one and a half times the keep-alive.</summary>
    KeepAliveTimeout = 0x8D,

    /// <summary>Another connection uses the client identifier now.</summary>
    SessionTakenOver = 0x8E,

    /// <summary>The topic filter is not accepted.</summary>
    TopicFilterInvalid = 0x8F,

    /// <summary>The topic name is not accepted.</summary>
    TopicNameInvalid = 0x90,

    /// <summary>The packet identifier is in use.</summary>
    PacketIdentifierInUse = 0x91,

    /// <summary>The packet identifier is not known; during recovery no error.</summary>
    PacketIdentifierNotFound = 0x92,

    /// <summary>More publications under way than the receive maximum allows.</summary>
    ReceiveMaximumExceeded = 0x93,

    /// <summary>A topic alias of 0 or over the maximum.</summary>
    TopicAliasInvalid = 0x94,

    /// <summary>The packet is larger than the maximum packet size.</summary>
    PacketTooLarge = 0x95,

    /// <summary>The rate of messages is too high.</summary>
    MessageRateTooHigh = 0x96,

    /// <summary>A quota is exceeded.</summary>
    QuotaExceeded = 0x97,

    /// <summary>Closed by administrative action.</summary>
    AdministrativeAction = 0x98,

    /// <summary>The payload is not what its format indicator says.</summary>
    PayloadFormatInvalid = 0x99,

    /// <summary>The server does not keep retained messages.</summary>
    RetainNotSupported = 0x9A,

    /// <summary>The server does not support this QoS.</summary>
    QosNotSupported = 0x9B,

    /// <summary>Use another server, for now.</summary>
    UseAnotherServer = 0x9C,

    /// <summary>Use another server, for good.</summary>
    ServerMoved = 0x9D,

    /// <summary>The server has no shared subscriptions.</summary>
    SharedSubscriptionsNotSupported = 0x9E,

    /// <summary>Too many connections in a time.</summary>
    ConnectionRateExceeded = 0x9F,

    /// <summary>The longest time that a connection may last is over.</summary>
    MaximumConnectTime = 0xA0,

    /// <summary>The server has no subscription identifiers.</summary>
    SubscriptionIdentifiersNotSupported = 0xA1,

    /// <summary>The server has no wildcard subscriptions.</summary>
    WildcardSubscriptionsNotSupported = 0xA2,
}
