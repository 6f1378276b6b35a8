namespace AvSdk.Mqtt;

/// <summary>Whether a subscription begins with the retained messages (MQTT 5, section 3.8.3.1).</summary>
public enum MqttRetainHandling : byte
{
    /// <summary>They are sent each time it is subscribed.</summary>
    Send = 0,

    /// <summary>They are sent if the subscription did not exist.</summary>
    SendIfNew = 1,

    /// <summary>They are not sent.</summary>
    DoNotSend = 2,
}
