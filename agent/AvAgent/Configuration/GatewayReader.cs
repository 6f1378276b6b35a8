using System.Diagnostics.CodeAnalysis;

namespace AvSdk.Agent.Configuration;

/// <summary>The <c>gateway</c> section.</summary>
internal sealed class GatewayReader(string folder, string vehicleId)
{
    private const string AddressExample = "https://gateway.example:8443";

    private enum Transport
    {
        Grpc,
    }

    public GatewayConfiguration? Read(ConfigurationSection? section)
    {
        if (section is null)
            return null;

        string? address = section.Text("address", AddressExample, isRequired: true);
        section.Choice("transport", isRequired: false, ("grpc", Transport.Grpc));
        bool allowsPlaintext = section.Flag("allowPlaintext") ?? false;
        ConfigurationSection? tlsSection = section.Section("tls");
        TlsConfiguration? tls = new TlsReader(folder, vehicleId).Read(tlsSection);
        section.Done();
        if (address is null)
            return null;

        ProblemList problems = section.Problems;
        string key = section.PathOf("address");
        if (!IsWellFormed(address, out Uri? uri))
        {
            problems.Add(key, ConfigurationSection.Quote(address),
                "Expected http://HOST:PORT, https://HOST:PORT or unix:/PATH, and nothing behind it.");
            return null;
        }

        if (tlsSection is not null && uri.Scheme != Uri.UriSchemeHttps)
        {
            problems.Add(key, ConfigurationSection.Quote(address),
                $"An address without TLS, and {section.PathOf("tls")} says with which certificates: use https://, or remove "
                + "that section.");
        }

        bool isPlaintextBeyondLoopback = uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback;
        if (isPlaintextBeyondLoopback && !allowsPlaintext)
        {
            problems.Add(key, ConfigurationSection.Quote(address),
                "Not a loopback address: anybody on the way could read and change the recordings. "
                + $"Use https://, or take the risk with {section.PathOf("allowPlaintext")} = true.");
            return null;
        }

        return new(address, isPlaintextBeyondLoopback, tls);
    }

    private static bool IsWellFormed(string address, [NotNullWhen(true)] out Uri? uri)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out uri))
            return false;
        if (uri.Scheme == "unix")
            return uri.AbsolutePath.Length > 1 && uri.Query.Length == 0;
        return (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.Host.Length > 0 && uri.Port > 0 && uri.PathAndQuery == "/"
            && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0;
    }
}
