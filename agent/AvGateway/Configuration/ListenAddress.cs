using System.Net;
using AvSdk.Gateway;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AvSdk.GatewayHost.Configuration;

/// <summary>An address to listen at: an IP address and port, or a Unix socket.</summary>
/// <param name="EndPoint">Null: it is a Unix socket.</param>
/// <param name="SocketPath">Null: it is an IP address.</param>
/// <param name="IsTls">It speaks TLS, and then both versions of HTTP.</param>
internal sealed record ListenAddress(IPEndPoint? EndPoint, string? SocketPath, bool IsTls = false)
{
    private const string UnixPrefix = "unix:";

    public static bool TryParse(string text, out ListenAddress? address, out string remedy)
    {
        address = null;
        remedy = "give https://ADDRESS:PORT or http://ADDRESS:PORT with an IP address or localhost, or unix:/PATH.";
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            string path = text[UnixPrefix.Length..];
            if (!path.StartsWith('/'))
                return false;
            address = new ListenAddress(null, path);
            return true;
        }

        // * and + mean "every address" to Kestrel, and nothing to Uri.
        string plain = text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal)
            .Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(plain, UriKind.Absolute, out Uri? uri) || uri.AbsolutePath != "/")
            return false;
        if (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            return false;

        IPAddress? ip = uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            ? IPAddress.Loopback
            : IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? parsed) ? parsed : null;
        if (ip is null)
            return false;
        address = new ListenAddress(new IPEndPoint(ip, uri.Port), null, uri.Scheme == Uri.UriSchemeHttps);
        return true;
    }

    /// <summary>For an address that was checked.</summary>
    public static ListenAddress Parse(string text) =>
        TryParse(text, out ListenAddress? address, out string remedy)
            ? address!
            : throw new ArgumentException($"{text}: {remedy}", nameof(text));

    /// <summary>
    /// The same address at the next port, any free one after any free one; null for a Unix socket.
    /// </summary>
    public ListenAddress? Next() => EndPoint is null or { Port: IPEndPoint.MaxPort }
        ? null
        : new ListenAddress(
            new IPEndPoint(EndPoint.Address, EndPoint.Port == 0 ? 0 : EndPoint.Port + 1), null, IsTls);

    public void Listen(KestrelServerOptions kestrel, HttpProtocols protocols)
    {
        if (IsTls)
        {
            kestrel.Listen(EndPoint!, static listen =>
            {
                // The handshake decides.
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseAvGatewayTls();
            });
        }
        else if (EndPoint is not null)
            kestrel.Listen(EndPoint, listen => listen.Protocols = protocols);
        else
            kestrel.ListenUnixSocket(SocketPath!, listen => listen.Protocols = protocols);
    }
}
