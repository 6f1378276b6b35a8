using AvSdk.Contracts.Identity;
using AvSdk.Grpc;
using AvSdk.Grpc.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Identity;

/// <summary>
/// Lets vehicles write and clients read. Over a connection without TLS, which is this machine's or was allowed by a flag
/// that names the risk, everybody is who he says.
/// </summary>
internal sealed class PeerGate(GatewayMeter meter, ILogger logger)
{
    /// <summary>Who calls; null: over a connection without TLS.</summary>
    /// <exception cref="GrpcException">He is nobody known, or may not do that.</exception>
    public PeerIdentity? Require(GrpcServerCallContext context, PeerKind kind)
    {
        if (Refuse(context.HttpContext, kind, out PeerIdentity? identity) is not { } refusal)
            return identity;
        throw new GrpcException(
            refusal.IsUnknown ? GrpcStatusCode.Unauthenticated : GrpcStatusCode.PermissionDenied, refusal.Message);
    }

    /// <summary>A handler for clients alone: others are answered 401 or 403, and why.</summary>
    public RequestDelegate ForClients(RequestDelegate handler) => http =>
    {
        if (Refuse(http, PeerKind.Client, out _) is not { } refusal)
            return handler(http);
        http.Response.StatusCode = refusal.IsUnknown ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(refusal.Message + "\n", http.RequestAborted);
    };

    /// <summary>A handler for everybody, known or not.</summary>
    public static RequestDelegate ForAll(RequestDelegate handler) => http =>
    {
        http.Features.Get<ConnectedPeer>()?.Hear();
        return handler(http);
    };

    private PeerRefusal? Refuse(HttpContext http, PeerKind kind, out PeerIdentity? identity)
    {
        identity = null;
        if (http.Features.Get<ConnectedPeer>() is not { } peer)
            return null;
        PeerRefusal? refusal = null;
        if (peer.Check() is { } unknown)
            refusal = new PeerRefusal(true, "The gateway refuses this connection: " + unknown.Message);
        else if (peer.Identity!.Kind != kind)
            refusal = new PeerRefusal(false, NotFor(peer.Identity, kind));
        identity = refusal is null ? peer.Identity : null;
        if (refusal is null)
            return null;
        meter.PeersRefused.Add(1);
        if (peer.IsFirstRefusal)
            IdentityLog.PeerRefused(logger, http.Connection.RemoteIpAddress?.ToString() ?? "unix", refusal.Message);
        return refusal;
    }

    private static string NotFor(PeerIdentity identity, PeerKind needed) => needed == PeerKind.Vehicle
        ? $"The certificate is of {identity}, and only vehicles write: use one with the URI {PeerIdentity.VehiclePrefix}NAME."
        : $"The certificate is of {identity}, and vehicles do not read: use one with the URI {PeerIdentity.ClientPrefix}NAME.";

    private sealed record PeerRefusal(bool IsUnknown, string Message);
}
