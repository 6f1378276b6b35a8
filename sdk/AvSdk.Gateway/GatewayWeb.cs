using AvSdk.Gateway.Identity;
using AvSdk.Gateway.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AvSdk.Gateway;

/// <summary>The gateway's HTTP endpoints: which path goes where.</summary>
internal static class GatewayWeb
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] PreflightMethods = [HttpMethods.Options];

    public static void Map(IEndpointRouteBuilder endpoints, GatewayRuntime gateway)
    {
        endpoints.MapMethods(
            ExportEndpoint.Path, ReadMethods, gateway.Gate.ForClients(gateway.QueryGate.Guard(gateway.Exports.GetAsync)));
        endpoints.MapMethods(ExportEndpoint.Path, PreflightMethods, gateway.Exports.PreflightAsync);
        endpoints.MapMethods(
            LedgerEndpoint.Path, ReadMethods,
            gateway.Gate.ForClients(gateway.QueryGate.Guard(http => LedgerEndpoint.GetAsync(http, gateway.Catalogue))));
        // Of the two that probes ask neither says anything about a recording.
        endpoints.MapMethods("/healthz", ReadMethods, PeerGate.ForAll(HealthEndpoints.LiveAsync));
        endpoints.MapMethods("/readyz", ReadMethods, PeerGate.ForAll(gateway.Health.ReadyAsync));
        endpoints.MapMethods("/metrics", ReadMethods, gateway.Gate.ForClients(http =>
        {
            http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            return http.Response.WriteAsync(gateway.Metrics.Write(), http.RequestAborted);
        }));
        endpoints.MapMethods("/", ReadMethods, gateway.Gate.ForClients(http =>
        {
            http.Response.ContentType = "text/plain; charset=utf-8";
            return http.Response.WriteAsync(IndexPage.Text(gateway.Options.Software), http.RequestAborted);
        }));
    }
}
