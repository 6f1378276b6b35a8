using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace AvSdk.Grpc.Transport;

/// <summary>How an address becomes connections.</summary>
internal static class ChannelConnection
{
    // <netinet/tcp.h>: TCP_NOTSENT_LOWAT of IPPROTO_TCP.
    private const int IpProtocolTcp = 6;
    private const int TcpNotSentLowat = 25;
    private const int UnsentBytesMax = 64 << 10;

    public const string Remedy = "Use http://host:port, https://host:port or unix:/path/to/socket.";

    public static IEnumerable<string> Validate(Uri address)
    {
        bool isKnown = address.IsAbsoluteUri && address.Scheme is "http" or "https" or "unix";
        if (!isKnown)
            yield return $"The address {address} is of no kind that is known. {Remedy}";
        else if (address.Scheme == "unix" ? address.AbsolutePath is "" or "/" : address.PathAndQuery != "/")
            yield return $"The address {address} has no socket path, or a path where there is none. {Remedy}";
    }

    /// <summary>
    /// Scheme and authority of each request. A Unix socket has no host; its requests say localhost.
    /// </summary>
    public static string Origin(Uri address)
        => address.Scheme == "unix" ? "http://localhost" : address.GetLeftPart(UriPartial.Authority);

    public static SocketsHttpHandler CreateHandler(Uri address, GrpcChannelOptions options)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,

            // A forward proxy can tunnel TLS; to HTTP/2 without it, it is only in the way.
            UseProxy = address.Scheme == "https" && !address.IsLoopback,
            ConnectTimeout = options.ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = options.StreamWindowBytes,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = options.KeepAliveWithoutCalls
                ? HttpKeepAlivePingPolicy.Always
                : HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        if (options.Tls is { } tls)
            handler.SslOptions = CopyOf(tls);
        if (address.Scheme == "unix")
        {
            string path = Uri.UnescapeDataString(address.AbsolutePath);
            handler.ConnectCallback = (_, cancellationToken) => ConnectUnixAsync(path, cancellationToken);
        }
        else if (options.ConnectSocket is { } connect)
        {
            handler.ConnectCallback = async (context, cancellationToken) =>
            {
                Socket socket = await connect(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken)
                    .ConfigureAwait(false);
                KeepQueueShort(socket);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }
        else
        {
            handler.ConnectCallback = (context, cancellationToken) => ConnectTcpAsync(context.DnsEndPoint, cancellationToken);
        }

        return handler;
    }

    // As the handler itself does it, but for the kernel's queue.
    private static async ValueTask<Stream> ConnectTcpAsync(DnsEndPoint address, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // Not before: .NET 9 connects no socket to a name, nor to an address given as one, that has a raw option.
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            KeepQueueShort(socket);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The kernel would take megabytes that wait for a slow link, and what is urgent would wait behind them. What is on
    // its way without an acknowledgement is not limited by this.
    private static void KeepQueueShort(Socket socket)
    {
        if (OperatingSystem.IsLinux())
            socket.SetRawSocketOption(IpProtocolTcp, TcpNotSentLowat, BitConverter.GetBytes(UnsentBytesMax));
    }

    private static async ValueTask<Stream> ConnectUnixAsync(string path, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(
                new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The handler writes into what it is given, and two channels may be given the same.
    private static SslClientAuthenticationOptions CopyOf(SslClientAuthenticationOptions tls)
        => new()
        {
            AllowRenegotiation = tls.AllowRenegotiation,
            AllowTlsResume = tls.AllowTlsResume,
            CertificateChainPolicy = tls.CertificateChainPolicy,
            CertificateRevocationCheckMode = tls.CertificateRevocationCheckMode,
            CipherSuitesPolicy = tls.CipherSuitesPolicy,
            ClientCertificateContext = tls.ClientCertificateContext,
            ClientCertificates = tls.ClientCertificates,
            EnabledSslProtocols = tls.EnabledSslProtocols,
            EncryptionPolicy = tls.EncryptionPolicy,
            LocalCertificateSelectionCallback = tls.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
            TargetHost = tls.TargetHost,
        };
}
