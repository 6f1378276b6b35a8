using AvSdk.Grpc;
using AvSdk.Grpc.Server;
using AvSdk.Tests.Grpc.Interop;
using Google.Protobuf;

namespace AvSdk.Tests.Grpc;

/// <summary>Our client against our server: how calls end that do not end with OK.</summary>
public sealed class StatusTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_status_comes_with_its_text_in_any_language_and_the_trailers()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        GrpcMetadata headers = [];
        headers.Add("x-vehicle", "veh-042");
        headers.Add("x-trace-bin", [0, 255, 7]);
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest { Fault = "status" }, new GrpcCallOptions { Headers = headers },
            Ct));
        Assert.Equal(
            (GrpcStatusCode.FailedPrecondition, "spool voll: 100 % – räumen"), (e.StatusCode, e.Detail));
        Assert.Equal("veh-042", e.Trailers.GetValue("x-vehicle"));
        Assert.Equal([0, 255, 7], e.Trailers.GetBytes("x-trace-bin")!.Value.ToArray());
        Assert.Null(e.GetStatusDetails());
    }

    [Fact]
    public async Task Headers_and_trailers_come_at_both_ends_of_a_stream()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(
            server.Address,
            new GrpcChannelOptions { Headers = Headers("x-of-channel", "c"), UserAgent = "avagent/1" });
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(
            EchoMethods.Chat, new GrpcCallOptions { Headers = Headers("x-of-call", "d") }, Ct);
        GrpcMetadata received = await call.GetResponseHeadersAsync(Ct);
        Assert.Equal(("c", "d"), (received.GetValue("x-of-channel"), received.GetValue("x-of-call")));
        Assert.Throws<InvalidOperationException>(() => call.Trailers);
        await call.CompleteAsync(Ct);
        Assert.Null(await call.ReadAsync(Ct));
        Assert.Equal(
            ("c", "d"), (call.Trailers.GetValue("x-of-channel"), call.Trailers.GetValue("x-of-call")));
        Assert.True(server.Calls.TryDequeue(out GrpcServerCallContext? context));
        Assert.Equal("avagent/1 grpc-avsdk", context.RequestHeaders.GetValue("user-agent"));
        Assert.Throws<InvalidOperationException>(() => context.ResponseHeaders.Add("x-late", "1"));
    }

    [Fact]
    public async Task Status_details_reach_the_caller_unpacked()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest { Fault = "details" }, null, Ct));
        GrpcStatusDetails details = e.GetStatusDetails()!;
        Assert.Equal((GrpcStatusCode.NotFound, "no such topic"), (details.StatusCode, details.Message));
        Assert.Equal("nearest: /imu", Assert.Single(details.Details).Unpack<EchoRequest>().Text);
    }

    [Fact]
    public async Task A_failure_of_a_handler_is_told_as_internal_without_its_text_and_logged_once()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest { Fault = "crash" }, null, Ct));
        Assert.Equal(GrpcStatusCode.Internal, e.StatusCode);
        Assert.DoesNotContain("secret", e.ToString(), StringComparison.Ordinal);
        string line = Assert.Single(server.Log);
        Assert.Contains("av.test.Echo/Say", line, StringComparison.Ordinal);
        Assert.Contains("a secret of the server", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_cancels_itself_ends_with_cancelled()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest { Fault = "cancel" }, null, Ct));
        Assert.Equal(GrpcStatusCode.Cancelled, e.StatusCode);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task An_error_in_mid_stream_comes_after_the_replies_before_it()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcServerStreamingCall<EchoReply> call = channel.ServerStreaming(
            EchoMethods.Expand, new EchoRequest { Count = 9, Fault = "status", FaultAfter = 4 }, null, Ct);
        for (int i = 0; i < 4; i++)
            Assert.Equal(i, (await call.ReadAsync(Ct))!.Count);
        for (int again = 0; again < 2; again++)
        {
            GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync(Ct).AsTask());
            Assert.Equal(GrpcStatusCode.FailedPrecondition, e.StatusCode);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_error_in_mid_upload_reaches_the_writer_as_the_servers_status(bool alsoReads)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(EchoMethods.Chat, null, Ct);
        Task<int> reading = alsoReads ? ReadAsync() : Task.FromResult(0);
        EchoRequest request =
            new() { Data = ByteString.CopyFrom(new byte[100_000]), Fault = "status", FaultAfter = 3 };
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (true)
                await call.WriteAsync(request, Ct);
        });
        Assert.Equal(GrpcStatusCode.FailedPrecondition, e.StatusCode);

        // And what it had answered by then is not lost.
        int replies = alsoReads ? await reading : await ReadAsync();
        Assert.Equal(3, replies);

        async Task<int> ReadAsync()
        {
            int count = 0;
            try
            {
                await foreach (EchoReply reply in call.ReadAllAsync(Ct))
                    count++;
            }
            catch (GrpcException)
            {
            }

            return count;
        }
    }

    [Fact]
    public async Task A_client_stream_that_fails_half_way_tells_its_writer()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcClientStreamingCall<EchoRequest, EchoReply> call = channel.ClientStreaming(
            EchoMethods.Collect, null, Ct);
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (true)
                await call.WriteAsync(new EchoRequest { Fault = "details", FaultAfter = 2 }, Ct);
        });
        Assert.Equal(GrpcStatusCode.NotFound, e.StatusCode);
        Assert.NotNull(e.GetStatusDetails());
        Assert.Equal(
            GrpcStatusCode.NotFound,
            (await Assert.ThrowsAsync<GrpcException>(() => call.CompleteAsync(Ct))).StatusCode);
    }

    [Fact]
    public async Task A_method_that_the_service_lacks_is_unimplemented()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        GrpcMethod<EchoRequest, EchoReply> newer = new(
            "av.test.Echo", "Sing", GrpcMethodKind.Unary, EchoRequest.Parser, EchoReply.Parser);
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(newer, new EchoRequest(), null, Ct));
        Assert.Equal(GrpcStatusCode.Unimplemented, e.StatusCode);
        Assert.Contains("Sing", e.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_over_the_clients_limit_names_limit_and_remedy()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        await using GrpcChannel channel = GrpcChannel.Create(
            server.Address, new GrpcChannelOptions { ReceiveMessageBytesMax = 1000 });
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest { Data = ByteString.CopyFrom(new byte[1001]) }, null, Ct));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.StatusCode);
        Assert.Contains("ReceiveMessageBytesMax is 1000", e.Detail, StringComparison.Ordinal);
        Assert.Contains("raise", e.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_over_the_servers_limit_is_refused_while_it_is_still_being_sent()
    {
        await using EchoServer server = await EchoServer.StartAsync(
            configure: o => o.ReceiveMessageBytesMax = 50_000);
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        EchoRequest large = new() { Data = ByteString.CopyFrom(new byte[30_000_000]) };
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, large, null, Ct));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.StatusCode);
        Assert.Contains("ReceiveMessageBytesMax is 50000", e.Detail, StringComparison.Ordinal);
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(EchoMethods.Chat, null, Ct);
        e = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            await call.WriteAsync(large, Ct);
            await call.ReadAsync(Ct);
        });
        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.StatusCode);
    }

    [Fact]
    public async Task A_message_over_the_senders_own_limit_is_not_sent_and_the_call_goes_on()
    {
        await using EchoServer server = await EchoServer.StartAsync(
            configure: o => o.SendMessageBytesMax = 600);
        await using GrpcChannel channel = GrpcChannel.Create(
            server.Address, new GrpcChannelOptions { SendMessageBytesMax = 1000 });
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(EchoMethods.Chat, null, Ct);
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(
            () => call.WriteAsync(
                new EchoRequest { Data = ByteString.CopyFrom(new byte[1001]) }, Ct).AsTask());
        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.StatusCode);
        await call.WriteAsync(new EchoRequest { Text = "small" }, Ct);
        Assert.Equal("small", (await call.ReadAsync(Ct))!.Text);
        await call.WriteAsync(new EchoRequest { Data = ByteString.CopyFrom(new byte[700]) }, Ct);
        e = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync(Ct).AsTask());
        Assert.Contains("the server's SendMessageBytesMax is 600", e.Detail, StringComparison.Ordinal);
    }
    private static GrpcMetadata Headers(string name, string value)
    {
        GrpcMetadata headers = [];
        headers.Add(name, value);
        return headers;
    }
}
