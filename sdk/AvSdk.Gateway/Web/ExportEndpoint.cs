using System.Collections.Concurrent;
using System.Globalization;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Query;
using AvSdk.Mcap;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace AvSdk.Gateway.Web;

/// <summary>
/// <c>/v1/export.mcap</c>: any selection as one MCAP file over HTTP, in ranges (RFC 9110, section 14) and for
/// pages of any origin, so that a browser's viewer opens the link.
/// </summary>
internal sealed class ExportEndpoint(
    ExportPlanner planner, ExportCache cache, GatewayRuntime gateway, ILogger logger)
{
    public const string Path = "/v1/export.mcap";
    private const int KnownKeysMax = 1000;
    private const string ExposedHeaders =
        "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Last-Modified";

    // A viewer asks for hundreds of ranges of one link: as long as nothing new was stored, the chunk list is
    // the same.
    private readonly ConcurrentDictionary<(Selection Selection, ulong LastOrdinal), string> _keys = [];

    public Task PreflightAsync(HttpContext http)
    {
        AllowOrigin(http.Response);
        IHeaderDictionary headers = http.Response.Headers;
        headers.AccessControlAllowMethods = "GET, HEAD, OPTIONS";
        headers.AccessControlAllowHeaders =
            "Range, If-Range, If-None-Match, If-Match, Content-Type, Cache-Control";
        headers.AccessControlMaxAge = "86400";
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    public async Task GetAsync(HttpContext http)
    {
        AllowOrigin(http.Response);
        try
        {
            (FileStream file, string key) = await OpenAsync(http).ConfigureAwait(false);
            await using (file.ConfigureAwait(false))
            {
                // What a link holds can grow as long as the car drives: ask each time, by tag.
                http.Response.Headers.CacheControl = "no-cache";
                await TypedResults.Stream(
                    file,
                    "application/octet-stream",
                    "export.mcap",
                    entityTag: new EntityTagHeaderValue($"\"{key}\""),
                    enableRangeProcessing: true).ExecuteAsync(http).ConfigureAwait(false);
            }

            gateway.Meter.ExportsServed.Add(1);
        }
        catch (QueryRefusal refusal)
        {
            await FailAsync(http, StatusOf(refusal.Kind), refusal.Message).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or McapException && !http.Response.HasStarted)
        {
            WebLog.ExportFailed(logger, failure);
            await FailAsync(
                http, StatusCodes.Status503ServiceUnavailable,
                "The gateway could not read its store; try again.")
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(
                http, StatusCodes.Status503ServiceUnavailable,
                "The gateway is stopping; try again in a moment.")
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nobody is listening any more.
        }
    }

    private static int StatusOf(QueryRefusalKind kind) => kind switch
    {
        QueryRefusalKind.BadRequest => StatusCodes.Status400BadRequest,
        QueryRefusalKind.NotFound => StatusCodes.Status404NotFound,
        _ => StatusCodes.Status413PayloadTooLarge,
    };

    private static async Task FailAsync(HttpContext http, int status, string message)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.WriteAsync(message + "\n", http.RequestAborted).ConfigureAwait(false);
    }

    private async Task<(FileStream File, string Key)> OpenAsync(HttpContext http)
    {
        Selection selection = ExportRequest.Parse(http.Request.Query);
        ulong last = await gateway.Index.GetLastOrdinalAsync(http.RequestAborted).ConfigureAwait(false);
        selection.AsOf = Math.Min(selection.HasAsOf ? selection.AsOf : last, last);
        http.Response.Headers["Av-As-Of"] = selection.AsOf.ToString(CultureInfo.InvariantCulture);
        if (_keys.TryGetValue((selection, last), out string? known) && cache.TryOpen(known) is { } cached)
            return (cached, known);

        ExportPlan plan = await planner.PlanAsync(selection, http.RequestAborted).ConfigureAwait(false);
        string key = plan.Key();
        FileStream file = await cache.OpenAsync(plan, key, gateway.Stopping, http.RequestAborted)
            .ConfigureAwait(false);
        if (_keys.Count >= KnownKeysMax)
            _keys.Clear();
        _keys[(selection, last)] = key;
        return (file, key);
    }

    private void AllowOrigin(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = gateway.Options.CorsOrigin;
        response.Headers.AccessControlExposeHeaders = ExposedHeaders;
        if (gateway.Options.CorsOrigin != "*")
            response.Headers.Vary = "Origin";
    }
}
