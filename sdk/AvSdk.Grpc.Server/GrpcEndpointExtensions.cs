using AvSdk.Grpc.Server.Calls;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Grpc.Server;

/// <summary>Maps methods of protobuf services to handlers.</summary>
/// <remarks>
/// <para>
/// A handler ends its call with another status than OK by throwing a <see cref="GrpcException"/>. What else
/// it throws is logged once, and told to the caller as INTERNAL without its text. One that stops for
/// <see cref="GrpcServerCallContext.CancellationToken"/> ends with CANCELLED or DEADLINE_EXCEEDED.
/// </para>
/// <para>The kind of the method decides which shape its handler has; another one is refused here, at
/// start.</para>
/// </remarks>
public static class GrpcEndpointExtensions
{
    /// <summary>
    /// Maps several methods, and answers UNIMPLEMENTED for the other names of their services.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="configure">Adds the methods.</param>
    public static IEndpointRouteBuilder MapGrpc(
        this IEndpointRouteBuilder endpoints, Action<GrpcServiceBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        GrpcServiceBuilder builder = new(endpoints);
        configure(builder);
        builder.MapUnimplemented();
        return endpoints;
    }

    /// <summary>Maps a unary method.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="method">The method.</param>
    /// <param name="handler">Answers one request.</param>
    /// <param name="options">This method's own; null: those of <c>AddGrpcServer</c>.</param>
    public static IEndpointConventionBuilder MapGrpcMethod<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        Func<TRequest, GrpcServerCallContext, Task<TResponse>> handler,
        GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Map(endpoints, method, GrpcMethodKind.Unary, options, async (requests, responses, context) =>
        {
            TRequest request = await ReadOnlyOneAsync(requests, context).ConfigureAwait(false);
            TResponse response = await handler(request, context).ConfigureAwait(false);

            // Not flushed: message and trailers leave together.
            await responses.WriteAsync(
                response, flush: false, context.CancellationToken).ConfigureAwait(false);
        });
    }

    /// <summary>Maps a server-streaming method.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="method">The method.</param>
    /// <param name="handler">Answers one request with any number of responses.</param>
    /// <param name="options">This method's own; null: those of <c>AddGrpcServer</c>.</param>
    public static IEndpointConventionBuilder MapGrpcMethod<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        Func<TRequest, GrpcResponseWriter<TResponse>, GrpcServerCallContext, Task> handler,
        GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Map(
            endpoints, method, GrpcMethodKind.ServerStreaming, options,
            async (requests, responses, context) =>
        {
            TRequest request = await ReadOnlyOneAsync(requests, context).ConfigureAwait(false);
            await handler(request, responses, context).ConfigureAwait(false);
        });
    }

    /// <summary>Maps a client-streaming method.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="method">The method.</param>
    /// <param name="handler">Answers any number of requests with one response.</param>
    /// <param name="options">This method's own; null: those of <c>AddGrpcServer</c>.</param>
    public static IEndpointConventionBuilder MapGrpcMethod<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        Func<GrpcRequestReader<TRequest>, GrpcServerCallContext, Task<TResponse>> handler,
        GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Map(
            endpoints, method, GrpcMethodKind.ClientStreaming, options,
            async (requests, responses, context) =>
        {
            TResponse response = await handler(requests, context).ConfigureAwait(false);
            await responses.WriteAsync(
                response, flush: false, context.CancellationToken).ConfigureAwait(false);
        });
    }

    /// <summary>Maps a method whose both ends stream.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="method">The method.</param>
    /// <param name="handler">Reads requests and writes responses, independent of each other; the call ends
    /// when it returns.</param>
    /// <param name="options">This method's own; null: those of <c>AddGrpcServer</c>.</param>
    public static IEndpointConventionBuilder MapGrpcMethod<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        Func<GrpcRequestReader<TRequest>, GrpcResponseWriter<TResponse>, GrpcServerCallContext, Task> handler,
        GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Map(endpoints, method, GrpcMethodKind.Duplex, options, handler);
    }

    private static IEndpointConventionBuilder Map<TRequest, TResponse>(
        IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        GrpcMethodKind kind,
        GrpcServerOptions? options,
        Func<GrpcRequestReader<TRequest>, GrpcResponseWriter<TResponse>, GrpcServerCallContext, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(method);
        method.RequireKind(kind);
        options ??= endpoints.ServiceProvider.GetService<GrpcServerOptions>() ?? new GrpcServerOptions();
        GrpcServiceCollectionExtensions.RequireValid(options);
        ILoggerFactory loggers =
            endpoints.ServiceProvider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        ILogger logger = loggers.CreateLogger("AvSdk.Grpc.Server");
        ServerCall<TRequest, TResponse> call = new(method, handler, options, logger);
        return endpoints.MapPost(method.Path, call.InvokeAsync).WithDisplayName($"gRPC {method}");
    }

    private static async ValueTask<TRequest> ReadOnlyOneAsync<TRequest>(
        GrpcRequestReader<TRequest> requests, GrpcServerCallContext context)
        where TRequest : class, IMessage<TRequest>
    {
        TRequest? request = await requests.ReadAsync(context.CancellationToken).ConfigureAwait(false);
        if (request is not null
            && await requests.ReadAsync(context.CancellationToken).ConfigureAwait(false) is null)
        {
            return request;
        }

        throw new GrpcException(
            GrpcStatusCode.Unimplemented,
            $"{context.Method} takes one request, and got {(request is null ? "none" : "more")}: "
            + "client and server have different definitions of the method.");
    }
}
