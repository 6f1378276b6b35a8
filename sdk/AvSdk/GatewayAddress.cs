namespace AvSdk;

/// <summary>The address of a gateway as people write it.</summary>
internal static class GatewayAddress
{
    private const string Forms = "http://host:port, https://host:port or unix:/path/to.sock";

    /// <exception cref="ArgumentException">It is none; the message shows the forms.</exception>
    public static Uri Parse(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            && uri.Scheme is "http" or "https" or "unix"
            ? uri
            : throw new ArgumentException($"'{address}' is no address of a gateway: write {Forms}.",
                nameof(address));
    }

    /// <summary>
    /// What connects to the address: those given, or where it is https none of one's own and the system's authorities; null
    /// where there is no TLS.
    /// </summary>
    /// <exception cref="ArgumentException">They were given for an address without TLS.</exception>
    public static AvCredentials? CredentialsFor(Uri address, AvCredentials? given)
    {
        if (address.Scheme == Uri.UriSchemeHttps)
            return given ?? AvCredentials.None;
        return given is null
            ? null
            : throw new ArgumentException(
                $"Credentials are shown over TLS alone, and {address.OriginalString} has none: write https://.", nameof(given));
    }

    /// <exception cref="ArgumentException">It is none.</exception>
    public static string ParseUnixSocket(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        const string scheme = "unix:";
        string path = address.StartsWith(scheme, StringComparison.Ordinal) ? address[scheme.Length..] : "";
        if (path.StartsWith("//", StringComparison.Ordinal))
            path = path[2..];
        return path.StartsWith('/')
            ? path
            : throw new ArgumentException(
                $"'{address}' is no address of an agent: write unix:/run/avagent/ingest.sock.",
                nameof(address));
    }
}
