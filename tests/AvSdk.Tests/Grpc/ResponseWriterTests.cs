using AvSdk.Grpc;
using AvSdk.Grpc.Server;
using AvSdk.Tests.Grpc.Interop;
using Google.Protobuf;

namespace AvSdk.Tests.Grpc;

/// <summary>Handlers that write from several tasks, too late, or as a kind that they are not.</summary>
public sealed class ResponseWriterTests
{
    private static readonly GrpcMethod<EchoRequest, EchoReply> Flood = new(
        "av.test.Own", "Flood", GrpcMethodKind.ServerStreaming, EchoRequest.Parser, EchoReply.Parser);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_from_many_tasks_leave_whole_and_in_the_order_of_each_task()
    {
        await using EchoServer server = await EchoServer.StartAsync(
            map: app => app.MapGrpcMethod(Flood, FloodAsync));
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcServerStreamingCall<EchoReply> call = channel.ServerStreaming(
            Flood, new EchoRequest(), null, Ct);
        int[] next = new int[8];
        await foreach (EchoReply reply in call.ReadAllAsync(Ct))
        {
            Assert.Equal(next[reply.Count]++, reply.Length);
            Assert.Equal(reply.Count * 90_000, reply.Data.Length);
            Assert.False(reply.Data.Span.ContainsAnyExcept((byte)reply.Count));
        }

        Assert.All(next, n => Assert.Equal(20, n));
    }

    [Fact]
    public async Task A_write_after_the_handler_returned_is_refused()
    {
        GrpcResponseWriter<EchoReply>? kept = null;
        await using EchoServer server = await EchoServer.StartAsync(map: app => app.MapGrpcMethod(
            Flood,
            (EchoRequest request, GrpcResponseWriter<EchoReply> replies, GrpcServerCallContext context) =>
            {
                kept = replies;
                return Task.CompletedTask;
            }));
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcServerStreamingCall<EchoReply> call = channel.ServerStreaming(
            Flood, new EchoRequest(), null, Ct);
        Assert.Null(await call.ReadAsync(Ct));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => kept!.WriteAsync(new EchoReply(), Ct).AsTask());
    }

    [Fact]
    public async Task A_handler_of_another_kind_than_the_method_is_refused_at_start()
    {
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => EchoServer.StartAsync(
            map: app => app.MapGrpcMethod(
                Flood, (EchoRequest request, GrpcServerCallContext context)
                    => Task.FromResult(new EchoReply()))));
        Assert.Contains("av.test.Own/Flood is ServerStreaming", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_that_make_no_sense_are_refused_together()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(
            () => new Microsoft.Extensions.DependencyInjection.ServiceCollection().AddGrpcServer(o =>
            {
                o.ReceiveMessageBytesMax = 0;
                o.SendMessageBytesMax = -1;
            }));
        Assert.Contains("ReceiveMessageBytesMax is 0", e.Message, StringComparison.Ordinal);
        Assert.Contains("SendMessageBytesMax is -1", e.Message, StringComparison.Ordinal);
    }

    private static async Task FloodAsync(
        EchoRequest request, GrpcResponseWriter<EchoReply> replies, GrpcServerCallContext context)
        => await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
            async () =>
            {
                byte[] data = new byte[writer * 90_000];
                data.AsSpan().Fill((byte)writer);
                for (int i = 0; i < 20; i++)
                {
                    EchoReply reply =
                        new() { Count = writer, Length = i, Data = UnsafeByteOperations.UnsafeWrap(data) };
                    await replies.WriteAsync(reply, context.CancellationToken);
                }
            },
            context.CancellationToken)));
}
