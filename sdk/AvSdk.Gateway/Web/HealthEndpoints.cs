using AvSdk.Gateway.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Web;

/// <summary>
/// <c>/healthz</c>: the process answers. <c>/readyz</c>: it can make chunks durable; that it lacks its broker is a line more.
/// </summary>
internal sealed class HealthEndpoints(GatewayRuntime gateway, IPackStore store, ILogger logger)
{
    public static Task LiveAsync(HttpContext http) => AnswerAsync(http, StatusCodes.Status200OK, "ok");

    public async Task ReadyAsync(HttpContext http)
    {
        List<string> problems = [];
        await TryAsync(() => gateway.Index.CheckWritableAsync(http.RequestAborted), problems)
            .ConfigureAwait(false);
        await TryAsync(() => store.CheckWritableAsync(http.RequestAborted), problems).ConfigureAwait(false);
        long free = new DriveInfo(Path.GetFullPath(gateway.Options.DataFolder)).AvailableFreeSpace;
        if (free < gateway.Options.FreeBytesMin)
        {
            problems.Add(
                $"{free} bytes are free on the data disk, fewer than FreeBytesMin "
                + $"({gateway.Options.FreeBytesMin}): free space, or give it a larger disk.");
        }

        if (gateway.Stopping.IsCancellationRequested)
            problems.Add("The gateway is stopping.");
        if (problems.Count > 0)
            WebLog.NotReady(logger, string.Join(" · ", problems));
        await AnswerAsync(
            http,
            problems.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            problems.Count == 0 ? Ready() : string.Join('\n', problems)).ConfigureAwait(false);
    }

    // Without its broker a gateway still takes vehicles over gRPC and answers queries, and all that share the broker are
    // without it at once: none would be left, were it no longer ready.
    private string Ready() => gateway.MqttProblem is { } problem
        ? $"ready\ndegraded: no vehicle is taken over the broker {gateway.Options.Mqtt?.Address}: {problem}"
        : "ready";

    private static async Task TryAsync(Func<ValueTask> check, List<string> problems)
    {
        try
        {
            await check().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            problems.Add(failure.Message);
        }
    }

    private static Task AnswerAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask
            : http.Response.WriteAsync(text + "\n", http.RequestAborted);
    }
}
