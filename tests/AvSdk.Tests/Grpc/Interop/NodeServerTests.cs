using System.Globalization;
using AvSdk.Contracts.V1;
using AvSdk.Grpc;
using Google.Protobuf;

namespace AvSdk.Tests.Grpc.Interop;

/// <summary>Our client against the server of @grpc/grpc-js in server.cjs.</summary>
public sealed class NodeServerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_four_kinds_of_call_work()
    {
        await using NodePeer server = NodePeer.Start("server.cjs");
        await using GrpcChannel channel = await ConnectAsync(server);
        EchoReply reply = await channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest { Text = "hi", Count = 3 }, null, Ct);
        Assert.Equal(("hi", 3), (reply.Text, reply.Count));

        await using GrpcServerStreamingCall<EchoReply> expand = channel.ServerStreaming(
            EchoMethods.Expand, new EchoRequest { Count = 200, Data = ByteString.CopyFrom(new byte[5000]) },
            null, Ct);
        List<int> counts = [];
        await foreach (EchoReply each in expand.ReadAllAsync(Ct))
            counts.Add(each.Count);
        Assert.Equal(Enumerable.Range(0, 200), counts);

        await using GrpcClientStreamingCall<EchoRequest, EchoReply> collect =
            channel.ClientStreaming(EchoMethods.Collect, null, Ct);
        foreach (string text in (string[])["a", "b", "c"])
            await collect.WriteAsync(
                new EchoRequest { Text = text, Data = ByteString.CopyFrom(new byte[100_000]) }, Ct);
        reply = await collect.CompleteAsync(Ct);
        Assert.Equal(("a b c", 3, 300_000L), (reply.Text, reply.Count, reply.Length));

        await using GrpcDuplexCall<EchoRequest, EchoReply> chat = channel.Duplex(EchoMethods.Chat, null, Ct);
        for (int i = 0; i < 20; i++)
        {
            await chat.WriteAsync(
                new EchoRequest { Count = i, Data = ByteString.CopyFrom(new byte[262_144]) }, Ct);
            EchoReply? each = await chat.ReadAsync(Ct);
            Assert.Equal((i, 262_144), (each!.Count, each.Data.Length));
        }

        await chat.CompleteAsync(Ct);
        Assert.Null(await chat.ReadAsync(Ct));
    }

    [Fact]
    public async Task Metadata_of_text_and_bytes_goes_both_ways()
    {
        await using NodePeer server = NodePeer.Start("server.cjs");
        await using GrpcChannel channel = await ConnectAsync(server);
        GrpcMetadata headers = [];
        headers.Add("x-vehicle", "veh-042");
        headers.Add("x-trace-bin", [0, 255, 7]);
        headers.Add("x-trace-bin", [1]);
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(
            EchoMethods.Chat, new GrpcCallOptions { Headers = headers }, Ct);
        GrpcMetadata received = await call.GetResponseHeadersAsync(Ct);
        await call.CompleteAsync(Ct);
        Assert.Null(await call.ReadAsync(Ct));
        foreach (GrpcMetadata each in (GrpcMetadata[])[received, call.Trailers])
        {
            Assert.Equal("veh-042", each.GetValue("x-vehicle"));
            Assert.Equal<byte[]>(
                [[0, 255, 7], [1]], each.GetAll("x-trace-bin").Select(e => e.Bytes.ToArray()));
        }
    }

    [Fact]
    public async Task Status_and_details_arrive()
    {
        await using NodePeer server = NodePeer.Start("server.cjs");
        await using GrpcChannel channel = await ConnectAsync(server);
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Fault = "status" }, null, Ct));
        Assert.Equal(
            (GrpcStatusCode.FailedPrecondition, "spool voll: 100 % – räumen"), (e.StatusCode, e.Detail));
        byte[] details = new GrpcStatusDetails(GrpcStatusCode.NotFound, "no such topic", []).ToByteArray();
        e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(
            EchoMethods.Say,
            new EchoRequest { Fault = "details", Data = ByteString.CopyFrom(details) },
            null,
            Ct));
        Assert.Equal(GrpcStatusCode.NotFound, e.StatusCode);
        Assert.Equal("no such topic", e.GetStatusDetails()!.Message);
        GrpcMethod<EchoRequest, EchoReply> newer = new(
            "av.test.Echo", "Sing", GrpcMethodKind.Unary, EchoRequest.Parser, EchoReply.Parser);
        e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(newer, new EchoRequest(), null, Ct));
        Assert.Equal(GrpcStatusCode.Unimplemented, e.StatusCode);
    }

    [Fact]
    public async Task A_deadline_is_told_to_the_server_and_kept_by_the_client()
    {
        await using NodePeer server = NodePeer.Start("server.cjs");
        ManualTime time = new();
        await using GrpcChannel channel = await ConnectAsync(server, new GrpcChannelOptions { TimeProvider = time });
        EchoReply reply = await channel.UnaryAsync(
            EchoMethods.Say,
            new EchoRequest { Text = "deadline?" },
            new GrpcCallOptions { Timeout = TimeSpan.FromMinutes(5) },
            Ct);
        Assert.InRange(reply.Length, 200_000, 300_000);
        Task<EchoReply> hanging = channel.UnaryAsync(
            EchoMethods.Say,
            new EchoRequest { Fault = "hang" },
            new GrpcCallOptions { Timeout = TimeSpan.FromMinutes(5) },
            Ct);
        Assert.Equal("hung", await server.ReadLineAsync(Ct));
        time.Advance(TimeSpan.FromMinutes(5));
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => hanging);
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, e.StatusCode);
        Assert.Equal("cancelled", await server.ReadLineAsync(Ct));
    }

    [Fact]
    public async Task Cancelling_reaches_the_server()
    {
        await using NodePeer server = NodePeer.Start("server.cjs");
        await using GrpcChannel channel = await ConnectAsync(server);
        using CancellationTokenSource stop = new();
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(
            EchoMethods.Chat, null, stop.Token);
        await call.WriteAsync(new EchoRequest { Fault = "hang" }, Ct);
        Assert.Equal("hung", await server.ReadLineAsync(Ct));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.ReadAsync(Ct).AsTask());
        Assert.Equal("cancelled", await server.ReadLineAsync(Ct));
    }

    [Fact]
    public async Task An_error_in_mid_stream_comes_after_the_replies_before_it()
    {
        await using NodePeer server = NodePeer.Start("server.cjs");
        await using GrpcChannel channel = await ConnectAsync(server);
        await using GrpcServerStreamingCall<EchoReply> expand = channel.ServerStreaming(
            EchoMethods.Expand, new EchoRequest { Count = 9, Fault = "status", FaultAfter = 4 }, null, Ct);
        for (int i = 0; i < 4; i++)
            Assert.NotNull(await expand.ReadAsync(Ct));
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => expand.ReadAsync(Ct).AsTask());
        Assert.Equal(GrpcStatusCode.FailedPrecondition, e.StatusCode);
        await using GrpcDuplexCall<EchoRequest, EchoReply> chat = channel.Duplex(EchoMethods.Chat, null, Ct);
        EchoRequest request =
            new() { Data = ByteString.CopyFrom(new byte[50_000]), Fault = "status", FaultAfter = 3 };

        // This server ends the stream and resets nothing: that it has ended shows to who reads.
        Task<int> reading = CountAsync(chat);
        e = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (true)
                await chat.WriteAsync(request, Ct);
        });
        Assert.Equal(GrpcStatusCode.FailedPrecondition, e.StatusCode);
        Assert.Equal(3, await reading);
        await using GrpcClientStreamingCall<EchoRequest, EchoReply> collect =
            channel.ClientStreaming(EchoMethods.Collect, null, Ct);
        e = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (true)
                await collect.WriteAsync(request, Ct);
        });
        Assert.Equal(GrpcStatusCode.FailedPrecondition, e.StatusCode);
    }

    [Fact]
    public async Task A_message_over_the_servers_limit_is_refused()
    {
        await using NodePeer server = NodePeer.Start("server.cjs");
        await using GrpcChannel channel = await ConnectAsync(server);

        // 4 MiB is grpc-js' own limit.
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest { Data = ByteString.CopyFrom(new byte[5_000_000]) }, null, Ct));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.StatusCode);
    }

    [Fact]
    public async Task The_projects_own_services_are_served_by_another_implementation()
    {
        await using NodePeer server = NodePeer.Start("server.cjs");
        await using GrpcChannel channel = await ConnectAsync(server);
        QueryPlan plan = await channel.UnaryAsync(
            ProjectMethods.Plan, new Selection { Topics = { "/imu", "/camera/*" } }, null, Ct);
        Assert.Equal((7UL, 1UL << 40), (plan.AsOf, plan.StoredBytes));
        Assert.Equal(["/imu", "/camera/*"], plan.Topics.Select(t => t.Topic));

        await using GrpcServerStreamingCall<ReadReply> read = channel.ServerStreaming(
            ProjectMethods.Read, new ReadRequest { Selection = new Selection { AsOf = 9 } }, null, Ct);
        Assert.Equal(9UL, (await read.ReadAsync(Ct))!.Begin.AsOf);
        for (byte i = 1; i <= 2; i++)
        {
            ByteString data = (await read.ReadAsync(Ct))!.Data;
            Assert.Equal(1_048_576, data.Length);
            Assert.False(data.Span.ContainsAnyExcept(i));
        }

        Assert.Null(await read.ReadAsync(Ct));
        await using GrpcDuplexCall<UploadRequest, UploadReply> upload = channel.Duplex(
            ProjectMethods.Upload, null, Ct);
        await upload.WriteAsync(
            new UploadRequest { Open = new Open { Protocol = 1, VehicleId = "veh-042" } }, Ct);
        Assert.Equal(262_144u, (await upload.ReadAsync(Ct))!.Opened.PartBytesMax);
        Part part =
            new()
            {
                Ref = new ChunkRef { Lane = "telemetry", Sequence = 1 },
                Data = ByteString.CopyFrom(new byte[262_144]),
            };
        await upload.WriteAsync(new UploadRequest { Part = part }, Ct);
        Assert.Equal(Receipt.Types.Outcome.Stored, (await upload.ReadAsync(Ct))!.Receipt.Outcome);
        await upload.CompleteAsync(Ct);
        Assert.Null(await upload.ReadAsync(Ct));
    }

    private static async Task<int> CountAsync(GrpcDuplexCall<EchoRequest, EchoReply> call)
    {
        int count = 0;
        try
        {
            while (await call.ReadAsync(Ct) is not null)
                count++;
        }
        catch (GrpcException)
        {
            // The writer is told the same.
        }

        return count;
    }

    private static async Task<GrpcChannel> ConnectAsync(NodePeer server, GrpcChannelOptions? options = null)
    {
        string line = await server.ReadLineAsync(Ct);
        int port = int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
        return GrpcChannel.Create($"http://127.0.0.1:{port}", options);
    }
}
