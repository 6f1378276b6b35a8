namespace AvSdk.Mqtt;

/// <summary>The server's answer for one topic filter.</summary>
/// <param name="Filter">The filter, as it was asked for.</param>
/// <param name="ReasonCode">
/// Subscribing: the QoS granted, or a failure. Unsubscribing: success, nothing there, or a failure.
/// </param>
public readonly record struct MqttFilterOutcome(string Filter, MqttReasonCode ReasonCode)
{
    /// <summary>Whether the server did it.</summary>
    public bool IsGranted => ReasonCode < MqttReasonCode.Unspecified;

    /// <summary>Of a granted subscription: the most that the server sends with.</summary>
    public MqttQos GrantedQos => IsGranted && (byte)ReasonCode <= 2 ? (MqttQos)(byte)ReasonCode : MqttQos.AtMostOnce;
}
