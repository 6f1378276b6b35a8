using System.Text.Json;
using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Query;
using Microsoft.AspNetCore.Http;

namespace AvSdk.Gateway.Web;

/// <summary><c>GET /v1/ledger.json?recording=ID</c>: what became of every message of a recording.</summary>
internal static class LedgerEndpoint
{
    public const string Path = "/v1/ledger.json";

    public static async Task GetAsync(HttpContext http, CatalogueHandlers catalogue)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!Guid.TryParse(http.Request.Query["recording"], out Guid recordingId))
        {
            await RefuseAsync(
                http, StatusCodes.Status400BadRequest, "recording must be a recording's id: ?recording=UUID")
                .ConfigureAwait(false);
            return;
        }

        LedgerReport report;
        try
        {
            report = await catalogue.GetLedgerAsync(
                new GetLedgerRequest { RecordingId = RecordingIds.Write(recordingId) }, http.RequestAborted)
                .ConfigureAwait(false);
        }
        catch (QueryRefusal refusal)
        {
            int status = refusal.Kind == QueryRefusalKind.NotFound
                ? StatusCodes.Status404NotFound
                : StatusCodes.Status400BadRequest;
            await RefuseAsync(http, status, refusal.Message).ConfigureAwait(false);
            return;
        }

        http.Response.ContentType = "application/json";
        if (HttpMethods.IsHead(http.Request.Method))
            return;
        Utf8JsonWriter json = new(http.Response.BodyWriter);
        await using (json.ConfigureAwait(false))
            LedgerReportJson.Write(report, json);
    }

    private static Task RefuseAsync(HttpContext http, int status, string problem)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(problem + "\n", http.RequestAborted);
    }
}
