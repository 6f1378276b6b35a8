using AvSdk.Grpc.Server.Calls;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AvSdk.Grpc.Server;

/// <summary>Collects the methods of <see cref="GrpcEndpointExtensions.MapGrpc"/>.</summary>
public sealed class GrpcServiceBuilder
{
    private readonly IEndpointRouteBuilder _endpoints;
    private readonly HashSet<string> _services = [];

    internal GrpcServiceBuilder(IEndpointRouteBuilder endpoints) => _endpoints = endpoints;

    /// <summary>Adds a unary method.</summary>
    public GrpcServiceBuilder Unary<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        Func<TRequest, GrpcServerCallContext, Task<TResponse>> handler,
        GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        _endpoints.MapGrpcMethod(method, handler, options);
        _services.Add(method.Service);
        return this;
    }

    /// <summary>Adds a server-streaming method.</summary>
    public GrpcServiceBuilder ServerStreaming<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        Func<TRequest, GrpcResponseWriter<TResponse>, GrpcServerCallContext, Task> handler,
        GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        _endpoints.MapGrpcMethod(method, handler, options);
        _services.Add(method.Service);
        return this;
    }

    /// <summary>Adds a client-streaming method.</summary>
    public GrpcServiceBuilder ClientStreaming<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        Func<GrpcRequestReader<TRequest>, GrpcServerCallContext, Task<TResponse>> handler,
        GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        _endpoints.MapGrpcMethod(method, handler, options);
        _services.Add(method.Service);
        return this;
    }

    /// <summary>Adds a method whose both ends stream.</summary>
    public GrpcServiceBuilder Duplex<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        Func<GrpcRequestReader<TRequest>, GrpcResponseWriter<TResponse>, GrpcServerCallContext, Task> handler,
        GrpcServerOptions? options = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        _endpoints.MapGrpcMethod(method, handler, options);
        _services.Add(method.Service);
        return this;
    }

    internal void MapUnimplemented()
    {
        foreach (string service in _services)
        {
            _endpoints.MapPost(
                $"/{service}/{{method}}", context => AnswerUnimplementedAsync(context, service))
                .WithDisplayName($"gRPC {service}, unimplemented");
        }
    }

    private static Task AnswerUnimplementedAsync(HttpContext context, string service)
    {
        if (!CallHeaders.IsGrpc(context.Request.ContentType))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }

        context.Response.ContentType = "application/grpc";
        GrpcException failure = new(
            GrpcStatusCode.Unimplemented,
            $"This server's {service} has no method {context.Request.RouteValues["method"]}. "
            + "Is the server older than the client?");
        CallHeaders.WriteStatus(context.Response.Headers, failure, []);
        return Task.CompletedTask;
    }
}
