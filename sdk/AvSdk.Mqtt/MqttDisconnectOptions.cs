namespace AvSdk.Mqtt;

/// <summary>What a DISCONNECT says (MQTT 5, section 3.14).</summary>
public sealed record MqttDisconnectOptions
{
    /// <summary>
    /// Default: <see cref="MqttReasonCode.Success"/>, the will is discarded;
    /// <see cref="MqttReasonCode.DisconnectWithWill"/>: the server publishes it.
    /// </summary>
    public MqttReasonCode ReasonCode { get; init; }

    /// <summary>For people. Default: null.</summary>
    public string? ReasonText { get; init; }

    /// <summary>
    /// How long the server keeps the session, in place of what was said when connecting; not more than zero where
    /// that was zero (3.14.2.2.2). Default: null, as said.
    /// </summary>
    public TimeSpan? SessionExpiry { get; init; }

    /// <summary>Default: none.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];
}
