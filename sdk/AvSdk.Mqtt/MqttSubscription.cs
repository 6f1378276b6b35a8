namespace AvSdk.Mqtt;

/// <summary>What to subscribe to (MQTT 5, section 3.8.3).</summary>
/// <param name="Filter">
/// A topic filter; <c>$share/group/filter</c> gives each message to one of the group's subscribers.
/// </param>
/// <param name="Qos">The most that the server sends with.</param>
public sealed record MqttSubscription(string Filter, MqttQos Qos = MqttQos.AtLeastOnce)
{
    /// <summary>Whether what this client publishes is kept from it; not with a shared one. Default: false.</summary>
    public bool NoLocal { get; init; }

    /// <summary>Whether messages keep the retain flag they were published with. Default: false.</summary>
    public bool RetainAsPublished { get; init; }

    /// <summary>Default: <see cref="MqttRetainHandling.Send"/>.</summary>
    public MqttRetainHandling RetainHandling { get; init; }
}
