namespace AvSdk.Mqtt;

/// <summary>How a message is published (MQTT 5, section 3.3). The default value: QoS 0, nothing else.</summary>
public readonly record struct MqttPublishOptions
{
    /// <summary>QoS 1, nothing else.</summary>
    public static MqttPublishOptions AtLeastOnce { get; } = new() { Qos = MqttQos.AtLeastOnce };

    /// <summary>QoS 2, nothing else.</summary>
    public static MqttPublishOptions ExactlyOnce { get; } = new() { Qos = MqttQos.ExactlyOnce };

    /// <summary>Default: <see cref="MqttQos.AtMostOnce"/>.</summary>
    public MqttQos Qos { get; init; }

    /// <summary>
    /// Whether the server keeps it for later subscribers, in place of what it kept; with an empty payload it
    /// forgets. Default: false.
    /// </summary>
    public bool Retain { get; init; }

    /// <summary>Whether the payload is said to be UTF-8; it is not checked. Default: false.</summary>
    public bool IsText { get; init; }

    /// <summary>How long the message is of use; whole seconds, rounded up. Default: null, for ever.</summary>
    public TimeSpan? MessageExpiry { get; init; }

    /// <summary>What the payload is, for example a media type. Default: null.</summary>
    public string? ContentType { get; init; }

    /// <summary>Where an answer is expected: a topic name. Default: null.</summary>
    public string? ResponseTopic { get; init; }

    /// <summary>
    /// What the answer is to repeat; at most 65,535 bytes. Borrowed as the payload is. Default: empty, none.
    /// </summary>
    public ReadOnlyMemory<byte> CorrelationData { get; init; }

    /// <summary>In order; must not change until the publication ends. Default: null, none.</summary>
    public IReadOnlyList<MqttUserProperty>? UserProperties { get; init; }
}
