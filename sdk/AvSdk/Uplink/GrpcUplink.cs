using System.Net;
using AvSdk.Contracts.V1;
using AvSdk.Grpc;
using AvSdk.Recording;
using AvSdk.Recording.Uplink;
using Microsoft.Extensions.Logging;

namespace AvSdk.Uplink;

/// <summary>
/// The way to a gateway over gRPC: one call of <c>av.v1.Ingest/Upload</c> for each connection.
/// </summary>
/// <remarks>
/// Each session has a connection of its own, so that a new one never waits on what is left of a dead one. A
/// session tells by its first send or receive that nobody is there. Credentials from files are looked at before each
/// session, so that a certificate may be replaced at any time; a session that is open goes on with the old one.
/// </remarks>
public sealed class GrpcUplink : ILinkedUplink
{
    private static readonly GrpcMethod<UploadRequest, UploadReply> Upload =
        GrpcMethod<UploadRequest, UploadReply>.FromDescriptor(
            IngestReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("Ingest")
                .FindMethodByName("Upload"));

    private readonly Uri _address;
    private readonly GrpcChannelOptions _options;
    private readonly AvCredentials? _given;
    private readonly AvCredentials? _credentials;
    private readonly ILogger _logger;

    /// <summary>An uplink to the gateway at an address; touches no network yet.</summary>
    /// <param name="address"><c>http://host:port</c>, <c>https://host:port</c> or
    /// <c>unix:/path/to.sock</c>.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentException">No address of a gateway, credentials for one without TLS, or options with
    /// problems: all are named.</exception>
    public GrpcUplink(string address, GrpcUplinkOptions? options = null)
    {
        _address = GatewayAddress.Parse(address);
        Name = $"grpc {address}";
        options ??= new GrpcUplinkOptions();
        _given = options.Credentials;
        _credentials = GatewayAddress.CredentialsFor(_address, _given);
        _logger = options.LoggerFactory.CreateLogger<GrpcUplink>();
        _options = new GrpcChannelOptions
        {
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            Headers = GrpcHeaders.From(options.Headers),
            TimeProvider = options.TimeProvider,
        };
        IReadOnlyList<string> problems = _options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ValueTask<IUplinkSession> ConnectAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IUplinkSession>(Connect(_address, _credentials, _options));
    }

    /// <inheritdoc/>
    public ValueTask<IUplinkSession> ConnectAsync(LinkOptions link, IPAddress? from, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        cancellationToken.ThrowIfCancellationRequested();
        GrpcChannelOptions options = _options with
        {
            ConnectSocket = (host, port, token) => LinkSocket.ConnectAsync(host, port, link, from, token),
        };
        if (link.Gateway is not { } gateway)
            return ValueTask.FromResult<IUplinkSession>(Connect(_address, _credentials, options));
        Uri address = GatewayAddress.Parse(gateway);
        AvCredentials? credentials = GatewayAddress.CredentialsFor(address, address.Scheme == "https" ? _given : null);
        return ValueTask.FromResult<IUplinkSession>(Connect(address, credentials, options));
    }

    private GrpcUplinkSession Connect(Uri address, AvCredentials? credentials, GrpcChannelOptions options)
    {
        if (credentials is not null)
            options = options with { Tls = credentials.CreateTls(address.IdnHost, options.TimeProvider, _logger) };
        GrpcChannel channel = GrpcChannel.Create(address, options);
        // The call outlives this one's token: its end is the session's disposal.
        GrpcDuplexCall<UploadRequest, UploadReply> call =
            channel.Duplex(Upload, null, CancellationToken.None);
        return new GrpcUplinkSession(channel, call, credentials);
    }
}
