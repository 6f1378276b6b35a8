using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AvSdk.Grpc.Server;

/// <summary>Kestrel's limits for long streams of large messages.</summary>
public static class KestrelGrpcExtensions
{
    /// <summary>
    /// Sets the limits that decide how fast a stream goes and whether a quiet one lives: HTTP/2 frames of up
    /// to 1 MiB, 4 MiB of a stream and 16 MiB of a connection ahead of the handlers, 1 MiB of responses ahead
    /// of the network, no least data rate, a ping to a silent client every 30 s, 1000 streams a connection.
    /// Ports and protocols stay as they are.
    /// </summary>
    /// <remarks>
    /// A port without TLS speaks HTTP/1.1 or HTTP/2, not both: give gRPC its own, with
    /// <c>listen.Protocols = HttpProtocols.Http2</c>. With TLS one port serves both.
    /// </remarks>
    public static KestrelServerOptions ConfigureForGrpc(this KestrelServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.AddServerHeader = false;
        KestrelServerLimits limits = options.Limits;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = null;
        limits.MaxResponseBufferSize = 1024 * 1024;
        limits.MaxRequestBufferSize = 4 * 1024 * 1024;
        limits.Http2.MaxFrameSize = 1024 * 1024;
        limits.Http2.InitialStreamWindowSize = 4 * 1024 * 1024;
        limits.Http2.InitialConnectionWindowSize = 16 * 1024 * 1024;
        limits.Http2.MaxStreamsPerConnection = 1000;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        return options;
    }
}
