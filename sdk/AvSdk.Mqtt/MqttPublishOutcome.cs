namespace AvSdk.Mqtt;

/// <summary>What became of a publication, to be switched on.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="ReasonCode">
/// The server's word for <see cref="MqttPublishStatus.Delivered"/> (where
/// <see cref="MqttReasonCode.NoMatchingSubscribers"/> is one) and <see cref="MqttPublishStatus.Refused"/>; else
/// the code that fits best.
/// </param>
/// <param name="ReasonText">The server's text for people; null where it gave none.</param>
public readonly record struct MqttPublishOutcome(
    MqttPublishStatus Status, MqttReasonCode ReasonCode, string? ReasonText = null)
{
    /// <summary>Whether <see cref="Status"/> is <see cref="MqttPublishStatus.Delivered"/>.</summary>
    public bool IsDelivered => Status == MqttPublishStatus.Delivered;
}
