using System.Diagnostics.CodeAnalysis;

namespace AvSdk.Agent.Configuration;

/// <summary>The <c>gateway</c> section.</summary>
internal sealed class GatewayReader(string folder, string vehicleId)
{
    private const string AddressExample = "https://gateway.example:8443";

    private enum Transport
    {
        Grpc,
        Mqtt,
    }

    public GatewayConfiguration? Read(ConfigurationSection? section)
    {
        if (section is null)
            return null;

        string? address = section.Text("address", AddressExample, isRequired: true);
        Transport? transport = section.Choice(
            "transport", isRequired: false, ("grpc", Transport.Grpc), ("mqtt", Transport.Mqtt));
        bool allowsPlaintext = section.Flag("allowPlaintext") ?? false;
        ConfigurationSection? tlsSection = section.Section("tls");
        TlsConfiguration? tls = new TlsReader(folder, vehicleId).Read(tlsSection);
        ConfigurationSection? mqttSection = section.Section("mqtt");
        MqttConfiguration mqtt = new MqttReader(folder).Read(mqttSection);
        section.Done();
        if (address is null)
            return null;

        ProblemList problems = section.Problems;
        string key = section.PathOf("address");
        if (!IsWellFormed(address, out Uri? uri))
        {
            problems.Add(key, ConfigurationSection.Quote(address),
                "Expected http://HOST:PORT, https://HOST:PORT or unix:/PATH of a gateway, or mqtt://HOST:PORT or "
                + "mqtts://HOST:PORT of a broker, and nothing behind it.");
            return null;
        }

        bool isMqtt = IsBroker(uri);
        if (transport is { } named && named == Transport.Mqtt != isMqtt)
        {
            problems.Add(section.PathOf("transport"), named == Transport.Mqtt ? "\"mqtt\"" : "\"grpc\"",
                $"The address is of {(isMqtt ? "a broker" : "a gateway")}: leave the transport out, the address says it.");
        }

        if (mqttSection is not null && !isMqtt)
        {
            problems.Add(key, ConfigurationSection.Quote(address),
                $"No address of a broker, and {section.PathOf("mqtt")} says how to connect to one: use mqtts://, or remove that "
                + "section.");
        }

        bool isTls = uri.Scheme is "https" or "mqtts";
        if (tlsSection is not null && !isTls)
        {
            problems.Add(key, ConfigurationSection.Quote(address),
                $"An address without TLS, and {section.PathOf("tls")} says with which certificates: use "
                + $"{(isMqtt ? "mqtts" : "https")}://, or remove that section.");
        }

        bool isPlaintextBeyondLoopback = !isTls && uri.Scheme != "unix" && !uri.IsLoopback;
        if (isPlaintextBeyondLoopback && !allowsPlaintext)
        {
            problems.Add(key, ConfigurationSection.Quote(address),
                "Not a loopback address: anybody on the way could read and change the recordings. "
                + $"Use {(isMqtt ? "mqtts" : "https")}://, or take the risk with {section.PathOf("allowPlaintext")} = true.");
            return null;
        }

        return new(address, isPlaintextBeyondLoopback, tls, isMqtt ? mqtt : null);
    }

    /// <summary>What a link says of the gateway's address must be of the kind that the section is for.</summary>
    public static void CheckLinks(AgentConfiguration configuration, ProblemList problems)
    {
        for (int at = 0; at < configuration.Recorder.Links.Links.Count; at++)
        {
            if (configuration.Recorder.Links.Links[at].Gateway is not { } address || configuration.Gateway is not { } gateway)
                continue;
            string scheme = new Uri(gateway.Address).Scheme;
            string key = $"links.order[{at}].gateway";
            if (!IsWellFormed(address, out Uri? uri) || uri.Scheme != scheme || scheme == "unix")
            {
                problems.Add(key, ConfigurationSection.Quote(address),
                    $"Expected {scheme}://HOST:PORT, as gateway.address, and nothing behind it.");
            }
            else if (!gateway.IsTls && !uri.IsLoopback && !gateway.IsPlaintextBeyondLoopback)
            {
                problems.Add(key, ConfigurationSection.Quote(address),
                    "Not a loopback address: anybody on the way could read and change the recordings. Use TLS.");
            }
        }
    }

    private static bool IsBroker(Uri uri) => uri.Scheme is "mqtt" or "mqtts";

    private static bool IsWellFormed(string address, [NotNullWhen(true)] out Uri? uri)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out uri))
            return false;
        if (uri.Scheme == "unix")
            return uri.AbsolutePath.Length > 1 && uri.Query.Length == 0;
        if (uri.Scheme is "mqtt" or "mqtts")
        {
            return uri.Host.Length > 0 && uri.PathAndQuery is "" or "/"
                && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0;
        }

        return (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.Host.Length > 0 && uri.Port > 0 && uri.PathAndQuery == "/"
            && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0;
    }
}
