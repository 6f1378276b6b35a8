using AvSdk.Contracts.V1;
using AvSdk.Grpc;
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
public sealed class GrpcUplink : IUplink
{
    private static readonly GrpcMethod<UploadRequest, UploadReply> Upload =
        GrpcMethod<UploadRequest, UploadReply>.FromDescriptor(
            IngestReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("Ingest")
                .FindMethodByName("Upload"));

    private readonly Uri _address;
    private readonly GrpcChannelOptions _options;
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
        _credentials = GatewayAddress.CredentialsFor(_address, options.Credentials);
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
        GrpcChannelOptions options = _credentials is null
            ? _options
            : _options with { Tls = _credentials.CreateTls(_address.IdnHost, _options.TimeProvider, _logger) };
        GrpcChannel channel = GrpcChannel.Create(_address, options);
        // The call outlives this one's token: its end is the session's disposal.
        GrpcDuplexCall<UploadRequest, UploadReply> call =
            channel.Duplex(Upload, null, CancellationToken.None);
        return ValueTask.FromResult<IUplinkSession>(new GrpcUplinkSession(channel, call, Name));
    }
}
