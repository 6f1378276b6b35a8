using AvSdk.Grpc.Framing;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace AvSdk.Grpc.Server.Calls;

/// <summary>One method as an endpoint: from the HTTP request to the handler and back to a status.</summary>
internal sealed class ServerCall<TRequest, TResponse>(
    GrpcMethod<TRequest, TResponse> method,
    Func<GrpcRequestReader<TRequest>, GrpcResponseWriter<TResponse>, GrpcServerCallContext, Task> handler,
    GrpcServerOptions options,
    ILogger logger)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly string _name = method.ToString();

    public async Task InvokeAsync(HttpContext http)
    {
        if (!TryAccept(http))
            return;
        if (!TryReadTimeout(http.Request.Headers, out TimeSpan? timeout))
        {
            GrpcException malformed = new(GrpcStatusCode.Internal, "The header grpc-timeout is malformed.");
            CallHeaders.WriteStatus(http.Response.Headers, malformed, []);
            return;
        }

        using CallDeadline deadline = new(timeout, options.TimeProvider, http.RequestAborted);
        GrpcServerCallContext context = new(
            http, _name, CallHeaders.Read(http.Request.Headers), deadline.At, deadline.Token);
        GrpcRequestReader<TRequest> requests = new(
            http.Request.BodyReader, method.RequestParser, options.ReceiveMessageBytesMax, deadline.Token);
        GrpcResponseWriter<TResponse> responses = new(context, options.SendMessageBytesMax);
        GrpcException? failure = await RunAsync(requests, responses, context, deadline).ConfigureAwait(false);
        await EndAsync(requests, responses, context, failure).ConfigureAwait(false);
    }

    /// <summary>Refuses what is no gRPC, and lifts the limits that are meant for ordinary requests.</summary>
    private static bool TryAccept(HttpContext http)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            http.Response.Headers.Upgrade = "HTTP/2";
            return false;
        }

        if (!CallHeaders.IsGrpc(http.Request.ContentType))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }

        // An idle stream is no slow upload (Kestrel would end it after 5 s), and a long one is no large file.
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        http.Response.ContentType = "application/grpc";
        http.Response.Headers["grpc-accept-encoding"] = "identity";
        return true;
    }

    private static bool TryReadTimeout(IHeaderDictionary headers, out TimeSpan? timeout)
    {
        timeout = null;
        if (!headers.TryGetValue(GrpcTimeout.HeaderName, out StringValues text))
            return true;
        bool isValid = GrpcTimeout.TryParse(text.ToString(), out TimeSpan parsed);
        timeout = parsed;
        return isValid;
    }

    private async Task<GrpcException?> RunAsync(
        GrpcRequestReader<TRequest> requests,
        GrpcResponseWriter<TResponse> responses,
        GrpcServerCallContext context,
        CallDeadline deadline)
    {
        try
        {
            Task running = handler(requests, responses, context);

            // A streaming caller may wait for the headers before it says anything.
            if (method.Kind != GrpcMethodKind.Unary && !running.IsCompleted)
                await FlushHeadersAsync(responses).ConfigureAwait(false);
            await running.ConfigureAwait(false);
            return deadline.HasPassed ? DeadlineExceeded() : null;
        }
        catch (GrpcException e)
        {
            return deadline.HasPassed ? DeadlineExceeded() : e;
        }
        catch (Exception e) when (deadline.HasPassed || context.CancellationToken.IsCancellationRequested)
        {
            // Whatever it threw, it did so because nobody waits any more.
            return deadline.HasPassed
                ? DeadlineExceeded()
                : new GrpcException(GrpcStatusCode.Cancelled, "The caller is gone.", e);
        }
        catch (OperationCanceledException e)
        {
            // Of a token of the handler's own: the server is stopping, or a time limit inside it has passed.
            return new GrpcException(GrpcStatusCode.Cancelled, "The server cancelled the call.", e);
        }
        catch (Exception e)
        {
            logger.HandlerFailed(e, _name, context.Peer);
            return new GrpcException(GrpcStatusCode.Internal, "The server failed; its log says why.", e);
        }
    }

    private static async Task FlushHeadersAsync(GrpcResponseWriter<TResponse> responses)
    {
        try
        {
            await responses.FlushHeadersAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The caller is gone. The handler is under way, learns it by its token, and must be waited for.
        }
    }

    private GrpcException DeadlineExceeded()
        => new(GrpcStatusCode.DeadlineExceeded, $"{_name} did not end before its deadline.");

    private static async Task EndAsync(
        GrpcRequestReader<TRequest> requests,
        GrpcResponseWriter<TResponse> responses,
        GrpcServerCallContext context,
        GrpcException? failure)
    {
        HttpContext http = context.HttpContext;
        bool hasBegun = await responses.CloseAsync().ConfigureAwait(false);
        if (http.RequestAborted.IsCancellationRequested)
            return;
        GrpcMetadata trailers = context.ResponseTrailers.Seal();
        if (!hasBegun)
            CallHeaders.Write(http.Response.Headers, context.ResponseHeaders.Seal());

        // Without a message the status goes where the headers are: "Trailers-Only".
        IHeaderDictionary? afterBody =
            hasBegun ? http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers : null;
        CallHeaders.WriteStatus(afterBody ?? http.Response.Headers, failure, trailers);
        if (requests.IsAtEnd)
            return;

        // The caller still sends. It gets the whole answer, and is then told to stop (RFC 9113, section 8.1).
        await http.Response.CompleteAsync().ConfigureAwait(false);
        http.Features.Get<IHttpResetFeature>()?.Reset(errorCode: 0);
    }
}
