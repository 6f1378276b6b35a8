using AvSdk.Grpc;
using AvSdk.Grpc.Server;
using AvSdk.Tests.Grpc.Interop;
using Google.Protobuf;

namespace AvSdk.Tests.Grpc;

/// <summary>Deadlines and cancellation, seen from both ends; and calls that go on side by side.</summary>
public sealed class CancellationTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_timeout_ends_the_call_at_both_ends()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        ManualTime time = new();
        await using GrpcChannel channel = GrpcChannel.Create(
            server.Address, new GrpcChannelOptions { TimeProvider = time });
        GrpcCallOptions options = new() { Timeout = TimeSpan.FromHours(1) };
        Task<EchoReply> call = channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest { Fault = "hang" }, options, Ct);
        await server.Hung.WaitAsync(Ct);
        time.Advance(TimeSpan.FromHours(1));
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => call);
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, e.StatusCode);
        await server.Cancelled.WaitAsync(Ct);
        Assert.True(server.Calls.TryDequeue(out GrpcServerCallContext? context));
        Assert.NotNull(context.Deadline);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_timeout_ends_a_stream_that_was_answered_already()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        ManualTime time = new();
        await using GrpcChannel channel = GrpcChannel.Create(
            server.Address, new GrpcChannelOptions { TimeProvider = time });
        await using GrpcServerStreamingCall<EchoReply> call = channel.ServerStreaming(
            EchoMethods.Expand,
            new EchoRequest { Count = 5, Fault = "hang", FaultAfter = 2 },
            new GrpcCallOptions { Timeout = TimeSpan.FromHours(1) },
            Ct);
        Assert.NotNull(await call.ReadAsync(Ct));
        Assert.NotNull(await call.ReadAsync(Ct));
        Task<EchoReply?> reading = call.ReadAsync(Ct).AsTask();
        await server.Hung.WaitAsync(Ct);
        time.Advance(TimeSpan.FromHours(1));
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => reading);
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, e.StatusCode);
        await server.Cancelled.WaitAsync(Ct);
    }

    [Fact]
    public async Task A_timeout_that_has_passed_already_fails_at_once()
    {
        await using GrpcChannel channel = GrpcChannel.Create("http://127.0.0.1:1");
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest(), new GrpcCallOptions { Timeout = TimeSpan.Zero }, Ct));
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, e.StatusCode);
    }

    [Fact]
    public async Task Cancelling_the_token_ends_a_unary_call_and_tells_the_server()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Task<EchoReply> call = channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest { Fault = "hang" }, null, stop.Token);
        await server.Hung.WaitAsync(Ct);
        await stop.CancelAsync();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(stop.Token, e.CancellationToken);
        await server.Cancelled.WaitAsync(Ct);
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leaving_a_stream_before_its_end_tells_the_server(bool byToken)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(
            EchoMethods.Chat, null, stop.Token);
        EchoRequest request = new() { Fault = "hang", FaultAfter = 1 };
        await call.WriteAsync(request, Ct);
        Assert.NotNull(await call.ReadAsync(Ct));
        await call.WriteAsync(request, Ct);
        await server.Hung.WaitAsync(Ct);
        if (byToken)
        {
            Task<EchoReply?> reading = call.ReadAsync(Ct).AsTask();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => call.WriteAsync(request, Ct).AsTask());
        }
        else
        {
            await call.DisposeAsync();
        }

        await server.Cancelled.WaitAsync(Ct);
    }

    [Fact]
    public async Task A_cancelled_read_takes_nothing_and_the_call_goes_on()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(EchoMethods.Chat, null, Ct);
        for (int i = 0; i < 5; i++)
        {
            using CancellationTokenSource stop = new();
            Task<EchoReply?> reading = call.ReadAsync(stop.Token).AsTask();
            await stop.CancelAsync();
            OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => reading);
            Assert.Equal(stop.Token, e.CancellationToken);
            await call.WriteAsync(new EchoRequest { Count = i }, Ct);
            Assert.Equal(i, (await call.ReadAsync(Ct))!.Count);
        }
    }

    [Fact]
    public async Task A_write_that_is_cancelled_half_way_ends_the_call()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(EchoMethods.Chat, null, Ct);
        await call.WriteAsync(new EchoRequest { Fault = "hang" }, Ct);
        await server.Hung.WaitAsync(Ct);
        using CancellationTokenSource stop = new();

        // The handler does not read on, so a write soon waits for the stream's window.
        Task writing = Task.Run(
            async () =>
            {
                EchoRequest large = new() { Data = ByteString.CopyFrom(new byte[3_000_000]) };
                while (true)
                {
                    ValueTask write = call.WriteAsync(large, stop.Token);
                    if (!write.IsCompleted)
                        stop.CancelAfter(TimeSpan.FromMilliseconds(300));
                    await write;
                }
            },
            Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => call.WriteAsync(new EchoRequest(), Ct).AsTask());
        await server.Cancelled.WaitAsync(Ct);
    }

    [Fact]
    public async Task Writes_from_many_tasks_arrive_whole()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(EchoMethods.Chat, null, Ct);
        Task writing = Task.Run(
            async () =>
            {
                await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
                    async () =>
                    {
                        for (int i = 0; i < 50; i++)
                        {
                            byte[] data = new byte[(writer * 1000) + i];
                            data.AsSpan().Fill((byte)writer);
                            await call.WriteAsync(
                                new EchoRequest { Count = writer, Data = ByteString.CopyFrom(data) }, Ct);
                        }
                    },
                    Ct)));
                await call.CompleteAsync(Ct);
            },
            Ct);
        int[] next = new int[8];
        await foreach (EchoReply reply in call.ReadAllAsync(Ct))
        {
            Assert.Equal((reply.Count * 1000) + next[reply.Count]++, reply.Data.Length);
            Assert.False(reply.Data.Span.ContainsAnyExcept((byte)reply.Count));
        }

        await writing;
        Assert.All(next, n => Assert.Equal(50, n));
    }

    [Fact]
    public async Task Hundreds_of_calls_share_a_channel()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        EchoReply[] replies = await Task.WhenAll(Enumerable.Range(0, 400).Select(
            i => channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Count = i }, null, Ct)));
        Assert.Equal(Enumerable.Range(0, 400), replies.Select(r => r.Count));
    }
}
