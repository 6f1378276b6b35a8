using System.Diagnostics.CodeAnalysis;

namespace AvSdk.Agent.Configuration;

/// <summary>The <c>gateway</c> section.</summary>
internal static class GatewayReader
{
    private const string AddressExample = "http://127.0.0.1:7443";

    private enum Transport
    {
        Grpc,
    }

    public static GatewayConfiguration? Read(ConfigurationSection? section, ProblemList problems)
    {
        if (section is null)
            return null;

        string? address = section.Text("address", AddressExample, isRequired: true);
        section.Choice("transport", isRequired: false, ("grpc", Transport.Grpc));
        bool allowsPlaintext = section.Flag("allowPlaintext") ?? false;
        section.Done();
        if (address is null)
            return null;

        string key = section.PathOf("address");
        if (!IsWellFormed(address, out Uri? uri))
        {
            problems.Add(key, ConfigurationSection.Quote(address),
                "Expected http://HOST:PORT, https://HOST:PORT or unix:/PATH, and nothing behind it.");
            return null;
        }

        bool isPlaintextBeyondLoopback = uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback;
        if (isPlaintextBeyondLoopback && !allowsPlaintext)
        {
            problems.Add(key, ConfigurationSection.Quote(address),
                "Not a loopback address: anybody on the way could read and change the recordings. "
                + $"Use https://, or take the risk with {section.PathOf("allowPlaintext")} = true.");
            return null;
        }

        return new(address, isPlaintextBeyondLoopback);
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
