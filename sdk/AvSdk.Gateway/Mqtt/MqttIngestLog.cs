using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Mqtt;

/// <summary>What becomes of the way to a broker; event ids 7500 to 7599.</summary>
internal static partial class MqttIngestLog
{
    [LoggerMessage(7501, LogLevel.Information, "MQTT: takes streams of vehicles from {Broker} as gateway {Name}, group {Group}")]
    public static partial void Connected(ILogger logger, string broker, string name, string group);

    [LoggerMessage(7502, LogLevel.Warning,
        "MQTT: no connection to {Broker}, tried again in {Delay}; vehicles keep what they have meanwhile. {Reason}")]
    public static partial void NotConnected(ILogger logger, string broker, TimeSpan delay, string reason);

    [LoggerMessage(7503, LogLevel.Warning, "MQTT: what came to {Topic} is passed over: {Reason}")]
    public static partial void PassedOver(ILogger logger, string topic, string reason);

    [LoggerMessage(7504, LogLevel.Error, "MQTT: the stream of {Vehicle} failed in a way that the gateway does not know")]
    public static partial void StreamFailed(ILogger logger, string vehicle, Exception exception);

    [LoggerMessage(7505, LogLevel.Warning, "MQTT: files of the gateway's identity: {What}")]
    public static partial void IdentityChanged(ILogger logger, string what);
}
