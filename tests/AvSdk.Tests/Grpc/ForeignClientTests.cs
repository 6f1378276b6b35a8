using System.Net;
using System.Net.Http.Headers;
using AvSdk.Grpc;
using AvSdk.Tests.Grpc.Interop;
using Google.Protobuf;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AvSdk.Tests.Grpc;

/// <summary>Our server against requests that are no gRPC, or broken: the bytes are made by hand.</summary>
public sealed class ForeignClientTests
{
    private static readonly byte[] Hello = [0, 0, 0, 0, 4, 0x0A, 2, (byte)'h', (byte)'i'];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 0 }, "12")]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, "13")]
    [InlineData(new byte[] { 0, 0 }, "13")]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0x0A, 200 }, "13")]
    [InlineData(new byte[] { 7 }, "13")]
    [InlineData(new byte[] { 0, 0x7F, 0, 0, 0 }, "8")]
    [InlineData(new byte[0], "12")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "12")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0 }, "0")]
    public async Task A_broken_request_gets_a_status(byte[] body, string status)
    {
        using HttpResponseMessage response = await PostAsync(body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("identity", Assert.Single(response.Headers.GetValues("grpc-accept-encoding")));
        Assert.Equal(status, await StatusAsync(response));
    }

    [Fact]
    public async Task A_failed_call_without_a_message_is_trailers_only()
    {
        using HttpResponseMessage response = await PostAsync([7]);
        Assert.True(response.Headers.Contains("grpc-status"));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Ct));
        Assert.Empty(response.TrailingHeaders);
    }

    [Fact]
    public async Task A_message_is_answered_byte_for_byte_as_specified()
    {
        using HttpResponseMessage response = await PostAsync(Hello);
        Assert.Equal(Hello, await response.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    [Fact]
    public async Task A_deadline_is_kept_by_the_server_itself()
    {
        ManualTime time = new();
        await using EchoServer server = await EchoServer.StartAsync(configure: o => o.TimeProvider = time);
        EchoRequest hang = new() { Fault = "hang" };
        byte[] frame = new byte[5 + hang.CalculateSize()];
        AvSdk.Grpc.Framing.MessageFraming.Write(frame, hang, hang.CalculateSize());
        Task<HttpResponseMessage> posting = PostAsync(
            server, frame, r => r.Headers.Add("grpc-timeout", "5M"));
        await server.Hung.WaitAsync(Ct);
        Assert.Equal(time.GetUtcNow().AddMinutes(5), server.Calls.Single().Deadline);
        time.Advance(TimeSpan.FromMinutes(5));
        using HttpResponseMessage response = await posting;
        Assert.Equal("4", await StatusAsync(response));
        await server.Cancelled.WaitAsync(Ct);
    }

    [Fact]
    public async Task A_malformed_timeout_is_an_error()
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using HttpResponseMessage response = await PostAsync(
            server, Hello, r => r.Headers.Add("grpc-timeout", "soon"));
        Assert.Equal("13", await StatusAsync(response));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/grpc-web")]
    [InlineData("application/json")]
    public async Task Another_content_type_is_refused(string contentType)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using HttpResponseMessage response = await PostAsync(
            server, Hello, r => r.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc;charset=utf-8")]
    public async Task Other_spellings_of_the_content_type_are_taken(string contentType)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        using HttpResponseMessage response = await PostAsync(
            server, Hello, r => r.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType));
        Assert.Equal("0", await StatusAsync(response));
    }

    [Fact]
    public async Task Http_1_is_refused()
    {
        await using EchoServer server = await EchoServer.StartAsync(
            o => o.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http1));
        using HttpResponseMessage response = await PostAsync(
            server, Hello, r => r.Version = HttpVersion.Version11);
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
    }

    [Fact]
    public async Task The_limits_of_ordinary_requests_do_not_apply_to_calls()
    {
        await using EchoServer server = await EchoServer.StartAsync(o =>
        {
            // As in an application that did not configure Kestrel for gRPC, and stricter.
            o.Limits.MinRequestBodyDataRate = new MinDataRate(1e9, TimeSpan.FromSeconds(1.1));
            o.Limits.MaxRequestBodySize = 1000;
            o.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2);
        });
        await using GrpcChannel channel = GrpcChannel.Create(server.Address);
        await using GrpcDuplexCall<EchoRequest, EchoReply> call = channel.Duplex(EchoMethods.Chat, null, Ct);
        EchoRequest request = new() { Data = ByteString.CopyFrom(new byte[100_000]) };
        await call.WriteAsync(request, Ct);
        Assert.NotNull(await call.ReadAsync(Ct));
        using CancellationTokenSource quiet = new(TimeSpan.FromSeconds(2.5));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.ReadAsync(quiet.Token).AsTask());
        await call.WriteAsync(request, Ct);
        Assert.NotNull(await call.ReadAsync(Ct));
    }

    private static async Task<string> StatusAsync(HttpResponseMessage response)
    {
        await response.Content.ReadAsByteArrayAsync(Ct);
        bool isTrailersOnly = response.Headers.Contains("grpc-status");
        HttpHeaders from = isTrailersOnly ? response.Headers : response.TrailingHeaders;
        return from.GetValues("grpc-status").Single();
    }

    private static async Task<HttpResponseMessage> PostAsync(byte[] body)
    {
        await using EchoServer server = await EchoServer.StartAsync();
        return await PostAsync(server, body, _ => { });
    }

    private static async Task<HttpResponseMessage> PostAsync(
        EchoServer server, byte[] body, Action<HttpRequestMessage> change)
    {
        using HttpClient client = new();
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(server.Address, EchoMethods.Say.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        change(request);
        return await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, Ct);
    }
}
