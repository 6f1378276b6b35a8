using AvSdk.Grpc;
using AvSdk.Tests.Grpc.Interop;
using Google.Protobuf;

namespace AvSdk.Tests.Grpc;

/// <summary>Our client against our server: what goes right.</summary>
public sealed class CallTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_unary_call_brings_its_reply()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        EchoReply reply = await channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest { Text = "hello", Count = 3 }, null, Ct);
        Assert.Equal(("hello", 3), (reply.Text, reply.Count));
    }

    [Fact]
    public async Task A_server_stream_brings_every_reply_in_order()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcServerStreamingCall<EchoReply> call = channel.ServerStreaming(
            EchoMethods.Expand, new EchoRequest { Count = 500, Data = ByteString.CopyFrom(new byte[777]) },
            null, Ct);
        List<int> counts = [];
        await foreach (EchoReply reply in call.ReadAllAsync(Ct))
            counts.Add(reply.Count);
        Assert.Equal(Enumerable.Range(0, 500), counts);
        Assert.Null(await call.ReadAsync(Ct));
        Assert.Empty(call.Trailers);
    }

    [Fact]
    public async Task A_client_stream_is_answered_once_it_is_complete()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcClientStreamingCall<EchoRequest, EchoReply> call = channel.ClientStreaming(
            EchoMethods.Collect, null, Ct);
        foreach (string text in new[] { "a", "b", "c" })
            await call.WriteAsync(new EchoRequest { Text = text, Data = ByteString.CopyFrom(1, 2) }, Ct);
        EchoReply reply = await call.CompleteAsync(Ct);
        Assert.Equal(("a b c", 3, 6L), (reply.Text, reply.Count, reply.Length));
    }

    [Fact]
    public async Task A_duplex_call_talks_back_and_forth()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(EchoMethods.Chat, null, Ct);

        // Before either end has said a word.
        Assert.Empty((await call.GetResponseHeadersAsync(Ct)).GetAll("x-any"));
        for (int i = 0; i < 50; i++)
        {
            await call.WriteAsync(new EchoRequest { Count = i }, Ct);
            Assert.Equal(i, (await call.ReadAsync(Ct))!.Count);
        }

        await call.CompleteAsync(Ct);
        Assert.Null(await call.ReadAsync(Ct));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_383)]
    [InlineData(262_144)]
    [InlineData(3_000_000)]
    public async Task Large_messages_pass_both_ways_unchanged(int bytes)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        byte[] data = new byte[bytes];
        new Random(bytes).NextBytes(data);
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(EchoMethods.Chat, null, Ct);
        EchoRequest request = new() { Data = UnsafeByteOperations.UnsafeWrap(data) };
        Task writing = WriteAsync();
        for (int i = 0; i < 8; i++)
            Assert.True((await call.ReadAsync(Ct))!.Data.Span.SequenceEqual(data));
        await writing;
        Assert.Null(await call.ReadAsync(Ct));

        async Task WriteAsync()
        {
            for (int i = 0; i < 8; i++)
                await call.WriteAsync(request, Ct);
            await call.CompleteAsync(Ct);
        }
    }
}
