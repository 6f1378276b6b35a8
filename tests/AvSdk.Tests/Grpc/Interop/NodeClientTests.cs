using AvSdk.Contracts.V1;
using AvSdk.Grpc;
using AvSdk.Grpc.Server;
using Google.Protobuf;
using Microsoft.AspNetCore.Routing;

namespace AvSdk.Tests.Grpc.Interop;

/// <summary>The client of @grpc/grpc-js against our server; what it expects stands in client.cjs.</summary>
public sealed class NodeClientTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("unary")]
    [InlineData("server_streaming")]
    [InlineData("client_streaming")]
    [InlineData("duplex")]
    [InlineData("metadata")]
    [InlineData("status")]
    [InlineData("details")]
    [InlineData("unimplemented")]
    [InlineData("error_mid_stream")]
    [InlineData("error_mid_upload")]
    [InlineData("compressed_request")]
    [InlineData("project_services")]
    public async Task A_node_client_and_our_server_agree_on(string scenario)
    {
        await using EchoServer server = await EchoServer.StartAsync(map: MapProjectServices);
        await using NodePeer client = NodePeer.Start("client.cjs", server.Address.Authority, scenario);
        await client.RequireSuccessAsync(Ct);
    }

    [Theory]
    [InlineData("deadline")]
    [InlineData("cancel")]
    public async Task Our_handler_is_told_of_a_node_clients(string scenario)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using NodePeer client = NodePeer.Start("client.cjs", server.Address.Authority, scenario);
        await client.RequireSuccessAsync(Ct);
        await server.Cancelled.WaitAsync(Ct);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_node_client_meets_our_message_limits()
    {
        await using EchoServer server = await EchoServer.StartAsync(configure: o =>
        {
            o.ReceiveMessageBytesMax = 100_000;
            o.SendMessageBytesMax = 100_000;
        });
        await using NodePeer client = NodePeer.Start("client.cjs", server.Address.Authority, "message_limit");
        await client.RequireSuccessAsync(Ct);
    }

    private static void MapProjectServices(IEndpointRouteBuilder app)
        => app.MapGrpc(service => service
            .Unary(ProjectMethods.Plan, PlanAsync)
            .ServerStreaming(ProjectMethods.Read, ReadAsync)
            .Duplex(ProjectMethods.Upload, UploadAsync));

    private static Task<QueryPlan> PlanAsync(Selection selection, GrpcServerCallContext context)
    {
        Assert.Equal(5UL, selection.Start);
        QueryPlan plan = new() { AsOf = 7 };
        plan.Topics.AddRange(
            selection.Topics.Select(topic => new TopicSummary { Topic = topic, Messages = 3 }));
        return Task.FromResult(plan);
    }

    private static async Task ReadAsync(
        ReadRequest request, GrpcResponseWriter<ReadReply> replies, GrpcServerCallContext context)
    {
        ReadBegin begin = new() { AsOf = request.Selection.AsOf, Chunks = 2 };
        await replies.WriteAsync(new ReadReply { Begin = begin }, context.CancellationToken);
        for (byte i = 1; i <= 2; i++)
        {
            byte[] data = new byte[1_048_576];
            data.AsSpan().Fill(i);
            await replies.WriteAsync(
                new ReadReply { Data = UnsafeByteOperations.UnsafeWrap(data) }, context.CancellationToken);
        }
    }

    private static async Task UploadAsync(
        GrpcRequestReader<UploadRequest> requests,
        GrpcResponseWriter<UploadReply> replies,
        GrpcServerCallContext context)
    {
        await foreach (UploadRequest request in requests.ReadAllAsync(context.CancellationToken))
        {
            UploadReply reply = request.KindCase switch
            {
                UploadRequest.KindOneofCase.Open => new() { Opened = new Opened { PartBytesMax = 262_144 } },
                UploadRequest.KindOneofCase.Part => new()
                {
                    Receipt = new Receipt
                    {
                        Ref = request.Part.Ref,
                        Sha256 = ByteString.CopyFrom(request.Part.Data.Span[..32]),
                    },
                },
                UploadRequest.KindOneofCase.End => new() { Ended = new Ended() },
                _ => throw new GrpcException(GrpcStatusCode.InvalidArgument, "unexpected"),
            };
            await replies.WriteAsync(reply, context.CancellationToken);
        }
    }
}
