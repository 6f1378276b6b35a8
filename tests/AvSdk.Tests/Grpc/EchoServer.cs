using System.Collections.Concurrent;
using AvSdk.Grpc;
using AvSdk.Grpc.Server;
using AvSdk.Tests.Grpc.Interop;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AvSdk.Tests.Grpc;

/// <summary>Our server with the Echo service, on a loopback port or wherever <c>listen</c> says.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoServer(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = new("http://localhost");

    /// <summary>The contexts of the calls, as they began.</summary>
    public ConcurrentQueue<GrpcServerCallContext> Calls { get; } = new();

    /// <summary>Released once for each call whose handler begins to hang.</summary>
    public SemaphoreSlim Hung { get; } = new(0);

    /// <summary>Released once for each call whose token was cancelled while its handler hung.</summary>
    public SemaphoreSlim Cancelled { get; } = new(0);

    /// <summary>What was logged at warning and above.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    public static async Task<EchoServer> StartAsync(
        Action<KestrelServerOptions>? listen = null,
        Action<GrpcServerOptions>? configure = null,
        Action<IEndpointRouteBuilder>? map = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddGrpcServer(configure);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.ConfigureForGrpc();
            if (listen is not null)
                listen(options);
            else
                options.Listen(System.Net.IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2);
        });
        builder.Logging.ClearProviders();
        LogCapture logs = new();
        builder.Logging.AddProvider(logs);
        EchoServer server = new(builder.Build());
        logs.Lines = server.Log;
        server._app.MapGrpc(service => service
            .Unary(EchoMethods.Say, server.SayAsync)
            .ServerStreaming(EchoMethods.Expand, server.ExpandAsync)
            .ClientStreaming(EchoMethods.Collect, server.CollectAsync)
            .Duplex(EchoMethods.Chat, server.ChatAsync));
        map?.Invoke(server._app);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        string address = server._app.Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Address = new Uri(address.Replace("http://unix:", "unix:", StringComparison.Ordinal));
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        Hung.Dispose();
        Cancelled.Dispose();
    }

    private async Task<EchoReply> SayAsync(EchoRequest request, GrpcServerCallContext context)
    {
        Begin(context);
        await FaultAsync(request, 0, context);
        return Reply(request);
    }

    private async Task ExpandAsync(
        EchoRequest request, GrpcResponseWriter<EchoReply> replies, GrpcServerCallContext context)
    {
        Begin(context);
        for (int i = 0; i < request.Count; i++)
        {
            await FaultAsync(request, i, context);
            EchoReply reply = Reply(request);
            reply.Count = i;
            await replies.WriteAsync(reply, context.CancellationToken);
        }

        await FaultAsync(request, request.Count, context);
    }

    private async Task<EchoReply> CollectAsync(
        GrpcRequestReader<EchoRequest> requests, GrpcServerCallContext context)
    {
        Begin(context);
        EchoReply reply = new();
        await foreach (EchoRequest request in requests.ReadAllAsync(context.CancellationToken))
        {
            await FaultAsync(request, reply.Count, context);
            reply.Text += reply.Count++ == 0 ? request.Text : " " + request.Text;
            reply.Length += request.Data.Length;
        }

        return reply;
    }

    private async Task ChatAsync(
        GrpcRequestReader<EchoRequest> requests,
        GrpcResponseWriter<EchoReply> replies,
        GrpcServerCallContext context)
    {
        Begin(context);
        int count = 0;
        await foreach (EchoRequest request in requests.ReadAllAsync(context.CancellationToken))
        {
            await FaultAsync(request, count++, context);
            await replies.WriteAsync(Reply(request), context.CancellationToken);
        }
    }

    private void Begin(GrpcServerCallContext context)
    {
        Calls.Enqueue(context);
        foreach (GrpcMetadataEntry entry in context.RequestHeaders)
        {
            if (!entry.Name.StartsWith("x-", StringComparison.Ordinal))
                continue;
            GrpcMetadata[] both = [context.ResponseHeaders, context.ResponseTrailers];
            foreach (GrpcMetadata to in both)
            {
                if (entry.IsBinary)
                    to.Add(entry.Name, entry.Bytes.Span);
                else
                    to.Add(entry.Name, entry.Value);
            }
        }
    }

    private async Task FaultAsync(EchoRequest request, int after, GrpcServerCallContext context)
    {
        if (after != request.FaultAfter)
            return;
        switch (request.Fault)
        {
            case "status":
                throw new GrpcException(GrpcStatusCode.FailedPrecondition, "spool voll: 100 % – räumen");
            case "details":
                throw new GrpcException(new GrpcStatusDetails(
                    GrpcStatusCode.NotFound, "no such topic",
                    [Any.Pack(new EchoRequest { Text = "nearest: /imu" })]));
            case "crash":
                throw new InvalidDataException("a secret of the server");
            case "cancel":
                throw new OperationCanceledException();
            case "hang":
                Hung.Release();
                try
                {
                    await Task.Delay(
                        Timeout.InfiniteTimeSpan, TimeProvider.System, context.CancellationToken);
                }
                finally
                {
                    Cancelled.Release();
                }

                break;
        }
    }

    private static EchoReply Reply(EchoRequest request)
        => new()
        {
            Text = request.Text,
            Data = request.Data,
            Length = request.Data.Length,
            Count = request.Count,
        };

    private sealed class LogCapture : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; set; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId id, TState state, Exception? e, Func<TState, Exception?,
            string> format)
            => Lines.Enqueue($"{logLevel} {id.Id} {format(state, e)} {e}");
    }
}
