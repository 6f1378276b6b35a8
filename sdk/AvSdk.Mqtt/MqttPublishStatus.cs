namespace AvSdk.Mqtt;

/// <summary>What became of a publication.</summary>
public enum MqttPublishStatus
{
    /// <summary>QoS 1 and 2: the server took it. QoS 0: it was written to the connection.</summary>
    Delivered,

    /// <summary>The server said no; the reason code says why.</summary>
    Refused,

    /// <summary>
    /// Over the server's maximum packet size, or over what a packet can hold. Nothing was sent.
    /// </summary>
    TooLarge,

    /// <summary>The server has not this QoS, or keeps no retained messages. Nothing was sent.</summary>
    NotSupported,

    /// <summary>
    /// As many publications as <see cref="MqttClientOptions.PublishQueueMax"/> wait already. Nothing was sent.
    /// </summary>
    QueueFull,

    /// <summary>The connection ended before it was sent, and no session carries it on.</summary>
    NotSent,

    /// <summary>
    /// The connection ended before the server's answer, and no session carries it on: it may have arrived.
    /// </summary>
    Unconfirmed,
}
