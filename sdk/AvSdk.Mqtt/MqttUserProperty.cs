namespace AvSdk.Mqtt;

/// <summary>A name and a value of the application's; names may repeat (MQTT 5, section 2.2.2.2).</summary>
/// <param name="Name">At most 65,535 bytes of UTF-8, without U+0000; may be empty.</param>
/// <param name="Value">The same.</param>
public readonly record struct MqttUserProperty(string Name, string Value);
