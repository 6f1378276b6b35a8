using System.Net;
using Microsoft.AspNetCore.Http;

namespace AvSdk.Grpc.Server;

/// <summary>What a handler knows of its call beside the messages.</summary>
public sealed class GrpcServerCallContext
{
    private readonly IPAddress? _peerAddress;
    private readonly int _peerPort;

    internal GrpcServerCallContext(
        HttpContext httpContext,
        string method,
        GrpcMetadata requestHeaders,
        DateTimeOffset? deadline,
        CancellationToken cancellationToken)
    {
        HttpContext = httpContext;
        _peerAddress = httpContext.Connection.RemoteIpAddress;
        _peerPort = httpContext.Connection.RemotePort;
        Method = method;
        RequestHeaders = requestHeaders;
        Deadline = deadline;
        CancellationToken = cancellationToken;
    }

    /// <summary>
    /// Cancelled when the caller cancels, is lost, or its deadline passes. A handler that stops for it ends
    /// its call with CANCELLED or DEADLINE_EXCEEDED.
    /// </summary>
    public CancellationToken CancellationToken { get; }

    /// <summary><c>service/method</c>.</summary>
    public string Method { get; }

    /// <summary>What the caller sent ahead of its messages.</summary>
    public GrpcMetadata RequestHeaders { get; }

    /// <summary>
    /// What goes ahead of the responses. A streaming call sends it when its handler first waits, or with its
    /// first response; a unary one with its response. Afterwards it takes no more.
    /// </summary>
    public GrpcMetadata ResponseHeaders { get; } = [];

    /// <summary>What goes after the last response. Handlers may add to it until they return.</summary>
    public GrpcMetadata ResponseTrailers { get; } = [];

    /// <summary>When the caller stops waiting; null: never.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>The caller's address, for logs; <c>unix</c> for a Unix socket.</summary>
    public string Peer => _peerAddress is null ? "unix" : new IPEndPoint(_peerAddress, _peerPort).ToString();

    /// <summary>
    /// The request under the call: user, client certificate, services. Good until the handler returns.
    /// </summary>
    public HttpContext HttpContext { get; }
}
