namespace AvSdk.Mqtt;

/// <summary>
/// The message that the server publishes when the connection ends without a normal DISCONNECT (MQTT 5, section
/// 3.1.2.5).
/// </summary>
public sealed record MqttWill
{
    /// <summary>Where it is published: a topic name.</summary>
    public required string Topic { get; init; }

    /// <summary>At most 65,535 bytes. Default: empty. Borrowed until the connection is made.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Default: <see cref="MqttQos.AtMostOnce"/>.</summary>
    public MqttQos Qos { get; init; }

    /// <summary>Whether the server keeps it for later subscribers. Default: false.</summary>
    public bool Retain { get; init; }

    /// <summary>
    /// How long the server waits for the client to come back before it publishes; whole seconds, rounded up.
    /// It does not wait longer than the session lasts. Default: zero.
    /// </summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How long the message is of use; whole seconds, rounded up. Default: null, for ever.</summary>
    public TimeSpan? MessageExpiry { get; init; }

    /// <summary>Whether the payload is said to be UTF-8. Default: false, unspecified bytes.</summary>
    public bool IsText { get; init; }

    /// <summary>What the payload is, for example a media type. Default: null.</summary>
    public string? ContentType { get; init; }

    /// <summary>Where an answer is expected. Default: null.</summary>
    public string? ResponseTopic { get; init; }

    /// <summary>What the answer is to repeat; at most 65,535 bytes. Default: empty, none.</summary>
    public ReadOnlyMemory<byte> CorrelationData { get; init; }

    /// <summary>Default: none.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];
}
