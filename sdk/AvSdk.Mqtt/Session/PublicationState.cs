namespace AvSdk.Mqtt.Session;

/// <summary>What a publication waits for (MQTT 5, section 4.3).</summary>
internal enum PublicationState : byte
{
    /// <summary>To be sent for the first time.</summary>
    Waiting,

    /// <summary>QoS 1, sent.</summary>
    AwaitsPuback,

    /// <summary>QoS 2, sent.</summary>
    AwaitsPubrec,

    /// <summary>QoS 2, received: PUBREL is sent or about to be.</summary>
    AwaitsPubcomp,

    /// <summary>In no list any more.</summary>
    Done,
}
