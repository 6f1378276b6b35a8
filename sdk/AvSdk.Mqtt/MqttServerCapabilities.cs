namespace AvSdk.Mqtt;

/// <summary>What the server said when it accepted the connection (MQTT 5, section 3.2.2.3).</summary>
public sealed record MqttServerCapabilities
{
    /// <summary>The highest QoS that it takes.</summary>
    public MqttQos MaximumQos { get; init; } = MqttQos.ExactlyOnce;

    /// <summary>Whether it keeps retained messages.</summary>
    public bool Retain { get; init; } = true;

    /// <summary>The largest packet that it takes, bytes, its header included.</summary>
    public long PacketBytesMax { get; init; } = 268_435_460;

    /// <summary>How many publications of QoS 1 and 2 it takes at a time.</summary>
    public int ReceiveMaximum { get; init; } = 65_535;

    /// <summary>How many topic aliases it takes.</summary>
    public int TopicAliasMaximum { get; init; }

    /// <summary>Whether filters may have wildcards.</summary>
    public bool WildcardSubscriptions { get; init; } = true;

    /// <summary>Whether subscriptions may have identifiers.</summary>
    public bool SubscriptionIdentifiers { get; init; } = true;

    /// <summary>Whether subscriptions may be shared.</summary>
    public bool SharedSubscriptions { get; init; } = true;

    /// <summary>The keep-alive that holds: the server's, or what was asked for; zero: none.</summary>
    public TimeSpan KeepAlive { get; init; }

    /// <summary>How long it keeps the session after the connection ends.</summary>
    public TimeSpan SessionExpiry { get; init; }

    /// <summary>From what to make response topics; null where it says nothing.</summary>
    public string? ResponseInformation { get; init; }

    /// <summary>Its text for people; null where it gave none.</summary>
    public string? ReasonText { get; init; }

    /// <summary>Empty where it had none.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];
}
