using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AvSdk.Gateway;

/// <summary>Maps a gateway's endpoints.</summary>
public static class GatewayEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the gRPC services Ingest, Query and Catalogue, and over HTTP <c>/v1/export.mcap</c>,
    /// <c>/healthz</c>,
    /// <c>/readyz</c>, <c>/metrics</c> and a page at <c>/</c> that says what this is. gRPC needs HTTP/2: a
    /// port without TLS must speak HTTP/2 only, and then browsers need another port with HTTP/1.1.
    /// </summary>
    public static IEndpointRouteBuilder MapAvGateway(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        GatewayRuntime gateway = endpoints.ServiceProvider.GetRequiredService<GatewayRuntime>();
        GatewayGrpc.Map(endpoints, gateway);
        GatewayWeb.Map(endpoints, gateway);
        return endpoints;
    }
}
