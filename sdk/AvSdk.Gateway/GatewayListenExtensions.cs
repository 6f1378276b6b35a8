using AvSdk.Gateway.Identity;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace AvSdk.Gateway;

/// <summary>Lets a port of Kestrel know who connects.</summary>
public static class GatewayListenExtensions
{
    /// <summary>
    /// TLS with the certificates of <see cref="GatewayOptions.Tls"/> at both ends: vehicles write as themselves, clients
    /// read, others are told why they may not. One such port serves gRPC and the web. Kestrel's own <c>UseHttps</c> would
    /// encrypt and not tell the gateway who it is.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no gateway with <see cref="GatewayOptions.Tls"/>.</exception>
    public static ListenOptions UseAvGatewayTls(this ListenOptions listen)
    {
        ArgumentNullException.ThrowIfNull(listen);
        GatewayTls tls = listen.ApplicationServices.GetService<GatewayTls>()
            ?? throw new InvalidOperationException("Set GatewayOptions.Tls in AddAvGateway to listen with TLS.");
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = tls.HandshakeAsync });
        listen.Use(next => connection => tls.ConnectAsync(connection, next));
        return listen;
    }

    /// <summary>
    /// Looks at the files of <see cref="GatewayOptions.Tls"/> now, as each new connection does, and logs what became of
    /// changes. Does nothing without them.
    /// </summary>
    public static void RefreshAvGatewayTls(this IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.GetService<GatewayTls>()?.Refresh();
    }
}
