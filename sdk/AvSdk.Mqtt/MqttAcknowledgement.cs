namespace AvSdk.Mqtt;

/// <summary>When a message of QoS 1 or 2 is acknowledged.</summary>
public enum MqttAcknowledgement
{
    /// <summary>When it is taken from <see cref="MqttClient.Messages"/>.</summary>
    Automatic,

    /// <summary>When <see cref="MqttMessage.Acknowledge"/> is called; until then the server sends it again on each new
    /// connection.</summary>
    Manual,
}
