namespace AvSdk.Mqtt.Transport;

/// <summary>What an address says.</summary>
internal static class MqttAddress
{
    public const string Remedy = "Use mqtt://host:port, mqtts://host:port, ws://host:port/path or wss://host:port/path.";

    private const int PlainPort = 1883;
    private const int TlsPort = 8883;

    /// <summary>Null: a good one.</summary>
    public static string? Problem(Uri? address)
    {
        if (address is null)
            return $"Address is not given. {Remedy}";
        if (!address.IsAbsoluteUri || address.Scheme is not ("mqtt" or "mqtts" or "ws" or "wss") || address.Host.Length == 0)
            return $"Address is {address}, of no kind that is known. {Remedy}";
        if (address.UserInfo.Length > 0)
            return "Address has a user name in it: use UserName and Password.";
        return !IsWebSocket(address) && address.PathAndQuery is not ("" or "/")
            ? $"Address is {address}, with a path where there is none. {Remedy}"
            : null;
    }

    public static bool IsWebSocket(Uri address) => address.Scheme is "ws" or "wss";

    public static bool IsTls(Uri address) => address.Scheme is "mqtts" or "wss";

    public static int Port(Uri address) => address.Port > 0 ? address.Port : IsTls(address) ? TlsPort : PlainPort;
}
