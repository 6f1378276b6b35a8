using Microsoft.Extensions.Logging;

namespace AvSdk.Uplink;

/// <summary>What becomes of the way to a broker; event ids 500 to 599.</summary>
internal static partial class MqttUplinkLog
{
    [LoggerMessage(501, LogLevel.Information,
        "Uplink {name}: connected to the broker as {client}; packets of at most {bytes} bytes")]
    public static partial void Connected(ILogger logger, string name, string client, long bytes);

    [LoggerMessage(502, LogLevel.Information, "Uplink {name}: the connection to the broker ended: {reason}")]
    public static partial void Ended(ILogger logger, string name, string reason);

    [LoggerMessage(503, LogLevel.Warning, "Uplink {name}: the broker does not take {topic}: {reason}")]
    public static partial void NotTaken(ILogger logger, string name, string topic, string reason);

    [LoggerMessage(504, LogLevel.Warning,
        "Uplink {name}: somebody else connects to the broker as vehicle {vehicle} too. A broker lets one name be connected once, "
        + "so two end each other's connections for ever: give each vehicle a name and certificate of its own, or stop the "
        + "other agent. The broker's log says where it connects from")]
    public static partial void NameIsShared(ILogger logger, string name, string vehicle);
}
