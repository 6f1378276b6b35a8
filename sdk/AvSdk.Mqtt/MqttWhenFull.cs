namespace AvSdk.Mqtt;

/// <summary>
/// What happens to messages of QoS 0 that nobody takes. QoS 1 and 2 are bounded by the receive maximum and never
/// dropped.
/// </summary>
public enum MqttWhenFull
{
    /// <summary>The one that just came is dropped and counted; the connection goes on.</summary>
    DropNewest,

    /// <summary>
    /// Nothing is read until one is taken, so acknowledgements wait too: whoever takes the messages must not wait
    /// for a publication.
    /// </summary>
    Wait,
}
