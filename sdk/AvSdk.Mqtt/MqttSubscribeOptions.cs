namespace AvSdk.Mqtt;

/// <summary>What goes with a SUBSCRIBE or an UNSUBSCRIBE beside its filters.</summary>
public sealed record MqttSubscribeOptions
{
    /// <summary>
    /// Comes with each message of these subscriptions (<see cref="MqttMessage.SubscriptionIdentifiers"/>);
    /// 1 to 268,435,455. Default: null, none. Not sent when unsubscribing.
    /// </summary>
    public int? SubscriptionIdentifier { get; init; }

    /// <summary>Default: none.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];
}
