using AvSdk.Contracts.V1;
using AvSdk.Gateway;
using AvSdk.Grpc;
using AvSdk.Grpc.Server;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace AvSdk.Tests.Gateway;

/// <summary>A gateway on two loopback ports, gRPC and web.</summary>
internal sealed class GatewayServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayServer(WebApplication app, string grpc, string web)
    {
        _app = app;
        Channel = GrpcChannel.Create(grpc);
        Http = new HttpClient { BaseAddress = new Uri(web) };
    }

    public GrpcChannel Channel { get; }

    public HttpClient Http { get; }

    public static async Task<GatewayServer> StartAsync(
        string folder, Action<GatewayOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureForGrpc();
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        services?.Invoke(builder.Services);
        builder.Services.AddAvGateway(options =>
        {
            options.DataFolder = folder;
            options.FreeBytesMin = 0;
            configure?.Invoke(options);
        });
        WebApplication app = builder.Build();
        app.MapAvGateway();
        await app.StartAsync(TestContext.Current.CancellationToken);
        string[] addresses =
        [
            .. app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
                .Features.Get<IServerAddressesFeature>()!.Addresses,
        ];
        return new GatewayServer(app, addresses[0], addresses[1]);
    }

    public static GrpcMethod<TRequest, TResponse> Method<TRequest, TResponse>(string service, string name)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        FileDescriptor file = service == "Ingest" ? IngestReflection.Descriptor : QueryReflection.Descriptor;
        return GrpcMethod<TRequest, TResponse>.FromDescriptor(
            file.FindTypeByName<ServiceDescriptor>(service).FindMethodByName(name));
    }

    public GrpcDuplexCall<UploadRequest, UploadReply> Upload() => Channel.Duplex(
        Method<UploadRequest, UploadReply>("Ingest", "Upload"), null, TestContext.Current.CancellationToken);

    public Task<QueryPlan> PlanAsync(Selection selection) => Channel.UnaryAsync(
        Method<Selection, QueryPlan>("Query", "Plan"), selection, null, TestContext.Current.CancellationToken);

    /// <summary>Uploads a recording's chunks as a vehicle does; returns their receipts' outcomes.</summary>
    public async Task<List<Receipt.Types.Outcome>> UploadAsync(
        SampleRecording recording, params SampleChunk[] chunks)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using GrpcDuplexCall<UploadRequest, UploadReply> call = Upload();
        await call.WriteAsync(
            new UploadRequest { Open = new Open { Protocol = 1, VehicleId = recording.VehicleId } }, ct);
        await call.WriteAsync(recording.Define(), ct);
        foreach (SampleChunk chunk in chunks)
        {
            await call.WriteAsync(chunk.Announcement, ct);
            await call.WriteAsync(chunk.Part(), ct);
        }

        await call.CompleteAsync(ct);
        List<Receipt.Types.Outcome> outcomes = [];
        await foreach (UploadReply reply in call.ReadAllAsync(ct))
        {
            if (reply.KindCase == UploadReply.KindOneofCase.Receipt)
                outcomes.Add(reply.Receipt.Outcome);
        }

        return outcomes;
    }

    public async Task<List<ReadReply>> ReadAsync(Selection selection)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using GrpcServerStreamingCall<ReadReply> call = Channel.ServerStreaming(
            Method<ReadRequest, ReadReply>("Query", "Read"), new ReadRequest { Selection = selection }, null, ct);
        List<ReadReply> replies = [];
        await foreach (ReadReply reply in call.ReadAllAsync(ct))
            replies.Add(reply);
        return replies;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Channel.DisposeAsync();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
