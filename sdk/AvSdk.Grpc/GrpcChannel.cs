using AvSdk.Grpc.Framing;
using AvSdk.Grpc.Transport;
using Google.Protobuf;

namespace AvSdk.Grpc;

/// <summary>
/// A server, and the connections to it. Connects when the first call is made, and again when a connection is
/// lost.
/// </summary>
/// <remarks>Safe for use from any number of threads; make one per server and keep it. Dispose it after its
/// calls.</remarks>
public sealed class GrpcChannel : IAsyncDisposable
{
    private const string OwnUserAgent = "grpc-avsdk";
    private readonly GrpcChannelOptions _options;
    private readonly HttpMessageInvoker _invoker;
    private readonly string _origin;
    private readonly string _userAgent;
    private bool _disposed;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
    {
        Address = address;
        _options = options;
        _origin = ChannelConnection.Origin(address);
        _userAgent = options.UserAgent is { Length: > 0 } own ? $"{own} {OwnUserAgent}" : OwnUserAgent;
        _invoker = options.HttpHandler is { } handler
            ? new HttpMessageInvoker(handler, disposeHandler: false)
            : new HttpMessageInvoker(ChannelConnection.CreateHandler(address, options), disposeHandler: true);
    }

    /// <summary>The address that the channel was made with.</summary>
    public Uri Address { get; }

    /// <summary>
    /// Makes a channel; nothing is connected yet. Addresses: <c>http://host:port</c> (HTTP/2 without TLS),
    /// <c>https://host:port</c>, <c>unix:/path/to/socket</c>.
    /// </summary>
    /// <exception cref="ArgumentException">An address of another form, or options with problems: all are
    /// named.</exception>
    public static GrpcChannel Create(Uri address, GrpcChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        options ??= GrpcChannelOptions.Default;
        IReadOnlyList<string> problems = [.. ChannelConnection.Validate(address), .. options.Validate()];
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, problems));
        return new GrpcChannel(address, options);
    }

    /// <inheritdoc cref="Create(Uri, GrpcChannelOptions?)"/>
    public static GrpcChannel Create(string address, GrpcChannelOptions? options = null)
        => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri)
            ? Create(uri, options)
            : throw new ArgumentException(
                $"\"{address}\" is no address. {ChannelConnection.Remedy}", nameof(address));

    /// <summary>One request, one response. The request is borrowed until the task ends.</summary>
    /// <exception cref="GrpcException">The call ended with another status than OK.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the server is told.</exception>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        TRequest request,
        GrpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        GrpcServerStreamingCall<TResponse> call =
            StartWithRequest(method, GrpcMethodKind.Unary, request, options, cancellationToken);
        try
        {
            return await call.ReadOnlyOneAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await call.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>One request, any number of responses. The request is encoded before this returns.</summary>
    /// <param name="method">A method of the kind <see cref="GrpcMethodKind.ServerStreaming"/>.</param>
    /// <param name="request">The request.</param>
    /// <param name="options">Headers and timeout.</param>
    /// <param name="cancellationToken">Ends the call, at any time of its life.</param>
    /// <returns>The call; dispose it.</returns>
    public GrpcServerStreamingCall<TResponse> ServerStreaming<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        TRequest request,
        GrpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
        => StartWithRequest(method, GrpcMethodKind.ServerStreaming, request, options, cancellationToken);

    /// <summary>Any number of requests, one response.</summary>
    /// <param name="method">A method of the kind <see cref="GrpcMethodKind.ClientStreaming"/>.</param>
    /// <param name="options">Headers and timeout.</param>
    /// <param name="cancellationToken">Ends the call, at any time of its life.</param>
    /// <returns>The call; dispose it.</returns>
    public GrpcClientStreamingCall<TRequest, TResponse> ClientStreaming<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        GrpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
        => new(StartStreaming(method, GrpcMethodKind.ClientStreaming, options, cancellationToken));

    /// <summary>Any number of requests and responses, independent of each other.</summary>
    /// <param name="method">A method of the kind <see cref="GrpcMethodKind.Duplex"/>.</param>
    /// <param name="options">Headers and timeout.</param>
    /// <param name="cancellationToken">Ends the call, at any time of its life.</param>
    /// <returns>The call; dispose it.</returns>
    public GrpcDuplexCall<TRequest, TResponse> Duplex<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        GrpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
        => new(StartStreaming(method, GrpcMethodKind.Duplex, options, cancellationToken));

    /// <summary>Closes the connections; calls that are under way fail.</summary>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        _invoker.Dispose();
        return ValueTask.CompletedTask;
    }

    private GrpcServerStreamingCall<TResponse> StartWithRequest<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        GrpcMethodKind kind,
        TRequest request,
        GrpcCallOptions? options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(request);
        RequireUsable(method, kind);
        UnaryContent content = new(request, _options.SendMessageBytesMax);
        CallLifetime lifetime = StartLifetime(method, options, cancellationToken);
        HttpRequestMessage message = CreateRequest(method.Path, content, options);
        ResponseReader<TResponse> reader = new(_invoker, message, method.ResponseParser, _options, lifetime);
        return new GrpcServerStreamingCall<TResponse>(reader, lifetime, content);
    }

    private StreamingCall<TRequest, TResponse> StartStreaming<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        GrpcMethodKind kind,
        GrpcCallOptions? options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        RequireUsable(method, kind);
        StreamingContent content = new();
        CallLifetime lifetime = StartLifetime(method, options, cancellationToken);
        HttpRequestMessage message = CreateRequest(method.Path, content, options);
        ResponseReader<TResponse> reader = new(_invoker, message, method.ResponseParser, _options, lifetime);
        RequestWriter<TRequest> writer = new(
            content, lifetime, _options.SendMessageBytesMax, reader.ExplainWriteFailureAsync);
        return new StreamingCall<TRequest, TResponse>(reader, writer, lifetime);
    }

    private void RequireUsable<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcMethodKind kind)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(method);
        method.RequireKind(kind);
    }

    private CallLifetime StartLifetime<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcCallOptions? options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
        => new($"{method} at {Address}", options?.Timeout, _options.TimeProvider, cancellationToken);

    private HttpRequestMessage CreateRequest(string path, HttpContent content, GrpcCallOptions? options)
    {
        HttpRequestMessage request = new(HttpMethod.Post, _origin + path)
        {
            Content = content,
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (Address.Scheme == Uri.UriSchemeHttps && _options.Tls?.TargetHost is { Length: > 0 } host && host != Address.IdnHost)
            request.Headers.Host = Address.IsDefaultPort ? host : $"{host}:{Address.Port}";
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("user-agent", _userAgent);
        request.Headers.TryAddWithoutValidation("grpc-accept-encoding", "identity");
        if (options?.Timeout is { } timeout)
            request.Headers.TryAddWithoutValidation(GrpcTimeout.HeaderName, GrpcTimeout.Format(timeout));
        AddHeaders(request, _options.Headers);
        AddHeaders(request, options?.Headers);
        return request;
    }

    private static void AddHeaders(HttpRequestMessage request, GrpcMetadata? headers)
    {
        foreach (GrpcMetadataEntry entry in headers ?? [])
            request.Headers.TryAddWithoutValidation(entry.Name, entry.Value);
    }
}
