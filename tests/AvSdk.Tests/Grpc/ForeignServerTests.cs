using System.Net;
using System.Net.Sockets;
using AvSdk.Grpc;
using AvSdk.Tests.Grpc.Interop;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AvSdk.Tests.Grpc;

/// <summary>Our client against what is no gRPC server, or a broken one.</summary>
public sealed class ForeignServerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(200, "text/html", GrpcStatusCode.Unknown)]
    [InlineData(302, "text/html", GrpcStatusCode.Unknown)]
    [InlineData(400, "text/plain", GrpcStatusCode.Internal)]
    [InlineData(401, "text/html", GrpcStatusCode.Unauthenticated)]
    [InlineData(403, "text/html", GrpcStatusCode.PermissionDenied)]
    [InlineData(404, null, GrpcStatusCode.Unimplemented)]
    [InlineData(429, null, GrpcStatusCode.Unavailable)]
    [InlineData(502, "text/html", GrpcStatusCode.Unavailable)]
    [InlineData(503, "application/grpc-web", GrpcStatusCode.Unavailable)]
    [InlineData(504, null, GrpcStatusCode.Unavailable)]
    [InlineData(500, null, GrpcStatusCode.Unknown)]
    [InlineData(200, "application/grpc-web", GrpcStatusCode.Unknown)]
    public async Task An_answer_that_is_no_grpc_becomes_a_status_that_says_so(
        int httpStatus, string? contentType, GrpcStatusCode expected)
    {
        GrpcException e = await CallAsync(async context =>
        {
            context.Response.StatusCode = httpStatus;
            context.Response.ContentType = contentType;
            if (httpStatus == 200)
                await context.Response.WriteAsync("<html>Please log in</html>", Ct);
        });
        Assert.Equal(expected, e.StatusCode);
        Assert.Contains($"HTTP {httpStatus}", e.Detail, StringComparison.Ordinal);
        Assert.Contains(contentType ?? "no content-type", e.Detail, StringComparison.Ordinal);
        Assert.Contains("proxy", e.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_in_the_headers_counts_whatever_the_http_status_is()
    {
        GrpcException e = await CallAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "8";
            context.Response.Headers["grpc-message"] = "full%2C";
            return Task.CompletedTask;
        });
        Assert.Equal((GrpcStatusCode.ResourceExhausted, "full,"), (e.StatusCode, e.Detail));
    }

    [Fact]
    public async Task An_answer_without_a_status_is_unknown()
    {
        GrpcException e = await CallAsync(context => AnswerAsync(context, [0, 0, 0, 0, 0], status: null));
        Assert.Equal(GrpcStatusCode.Unknown, e.StatusCode);
        Assert.Contains("without a status", e.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("99", GrpcStatusCode.Unknown)]
    [InlineData("-1", GrpcStatusCode.Unknown)]
    [InlineData("OK", GrpcStatusCode.Unknown)]
    [InlineData("16", GrpcStatusCode.Unauthenticated)]
    public async Task A_status_that_does_not_exist_is_unknown(string status, GrpcStatusCode expected)
        => Assert.Equal(expected, (await CallAsync(context => AnswerAsync(context, [], status))).StatusCode);

    [Theory]
    [InlineData(new byte[0], GrpcStatusCode.Unimplemented)]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, GrpcStatusCode.Unimplemented)]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0x0A, 200 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 0 }, GrpcStatusCode.Unimplemented)]
    [InlineData(new byte[] { 60, 104, 116, 109, 108 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 255, 255, 255, 255 }, GrpcStatusCode.ResourceExhausted)]
    public async Task A_broken_body_is_an_error_though_the_status_is_ok(byte[] body, GrpcStatusCode expected)
        => Assert.Equal(expected, (await CallAsync(context => AnswerAsync(context, body, "0"))).StatusCode);

    [Theory]
    [InlineData(0x8, GrpcStatusCode.Cancelled)]
    [InlineData(0x7, GrpcStatusCode.Unavailable)]
    [InlineData(0x2, GrpcStatusCode.Internal)]
    [InlineData(0xb, GrpcStatusCode.ResourceExhausted)]
    [InlineData(0xc, GrpcStatusCode.PermissionDenied)]
    public async Task A_reset_stream_becomes_the_status_of_its_code(int code, GrpcStatusCode expected)
    {
        GrpcException e = await CallAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.BodyWriter.FlushAsync(Ct);
            context.Features.Get<IHttpResetFeature>()!.Reset(code);
        });
        Assert.Equal(expected, e.StatusCode);
    }

    [Fact]
    public async Task A_port_that_nobody_serves_is_unavailable_and_named()
    {
        using TcpListener held = new(IPAddress.Loopback, 0);
        held.Start();
        int port = ((IPEndPoint)held.LocalEndpoint).Port;
        held.Stop();
        await using GrpcChannel channel = GrpcChannel.Create($"http://127.0.0.1:{port}");
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(EchoMethods.Chat, null, Ct);
        GrpcException writing = await Assert.ThrowsAsync<GrpcException>(
            () => call.WriteAsync(new EchoRequest(), Ct).AsTask());
        GrpcException reading = await Assert.ThrowsAsync<GrpcException>(() => call.ReadAsync(Ct).AsTask());
        Assert.Equal(
            (GrpcStatusCode.Unavailable, GrpcStatusCode.Unavailable),
            (writing.StatusCode, reading.StatusCode));
        Assert.Contains(
            $"av.test.Echo/Chat at http://127.0.0.1:{port}", writing.Detail, StringComparison.Ordinal);
        Assert.Contains("Check the address", writing.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_http_1_is_told_apart()
    {
        await using EchoServer server = await EchoServer.StartAsync(
            o => o.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http1));
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest(), null, Ct));
        Assert.Equal(GrpcStatusCode.Unavailable, e.StatusCode);
        Assert.Contains("does not speak HTTP/2", e.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    public async Task A_server_of_another_protocol_is_unavailable(string answer)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = Task.Run(
            async () =>
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(Ct);
                await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer), Ct);
            },
            Ct);
        await using GrpcChannel channel = GrpcChannel.Create($"http://{listener.LocalEndpoint}");
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest(), null, Ct));
        Assert.Equal(GrpcStatusCode.Unavailable, e.StatusCode);
        await serving;
    }

    [Fact]
    public async Task A_peer_that_answers_no_ping_is_given_up()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<bool> serving = Task.Run(() => StaySilentAsync(listener), Ct);
        GrpcChannelOptions options = new()
        {
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
        };
        await using GrpcChannel channel = GrpcChannel.Create($"http://{listener.LocalEndpoint}", options);
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest(), null, Ct));
        Assert.Equal(GrpcStatusCode.Unavailable, e.StatusCode);
        Assert.True(await serving);
    }

    /// <summary>Greets as HTTP/2 does and says nothing more, until the other end goes. True: a ping came.</summary>
    private static async Task<bool> StaySilentAsync(TcpListener listener)
    {
        bool hasPing = false;
        using TcpClient client = await listener.AcceptTcpClientAsync(Ct);
        NetworkStream stream = client.GetStream();
        byte[] settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        byte[] settingsAck = [0, 0, 0, 4, 1, 0, 0, 0, 0];
        await stream.WriteAsync(settings, Ct);
        await stream.WriteAsync(settingsAck, Ct);
        byte[] buffer = new byte[65_536];
        await stream.ReadExactlyAsync(buffer.AsMemory(0, 24), Ct);
        try
        {
            while (true)
            {
                await stream.ReadExactlyAsync(buffer.AsMemory(0, 9), Ct);
                byte type = buffer[3];
                int length = (buffer[0] << 16) | (buffer[1] << 8) | buffer[2];
                await stream.ReadExactlyAsync(buffer.AsMemory(0, length), Ct);
                hasPing |= type == 6;
            }
        }
        catch (EndOfStreamException)
        {
            return hasPing;
        }
    }

    private static async Task AnswerAsync(HttpContext context, byte[] body, string? status)
    {
        context.Response.ContentType = "application/grpc+proto";
        await context.Response.BodyWriter.WriteAsync(body, Ct);
        if (status is not null)
            context.Response.AppendTrailer("grpc-status", status);
    }

    private static async Task<GrpcException> CallAsync(RequestDelegate answer)
    {
        await using EchoServer server = await EchoServer.StartAsync(
            map: app => app.MapPost("/foreign.Service/Say", answer));
        GrpcMethod<EchoRequest, EchoReply> method = new(
            "foreign.Service", "Say", GrpcMethodKind.Unary, EchoRequest.Parser, EchoReply.Parser);
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        return await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(method, new EchoRequest { Text = "x" }, null, Ct));
    }
}
