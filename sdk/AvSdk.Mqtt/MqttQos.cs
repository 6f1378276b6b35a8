namespace AvSdk.Mqtt;

/// <summary>How surely a message is delivered over one hop (MQTT 5, section 4.3).</summary>
public enum MqttQos : byte
{
    /// <summary>QoS 0: sent once, never answered.</summary>
    AtMostOnce = 0,

    /// <summary>QoS 1: sent until it is acknowledged; may arrive more than once.</summary>
    AtLeastOnce = 1,

    /// <summary>QoS 2: arrives once as long as both ends keep the session.</summary>
    ExactlyOnce = 2,
}
