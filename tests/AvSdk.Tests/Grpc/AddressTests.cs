using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AvSdk.Grpc;
using AvSdk.Tests.Grpc.Interop;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AvSdk.Tests.Grpc;

/// <summary>The kinds of address: Unix sockets and TLS.</summary>
public sealed class AddressTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_unix_socket_serves_calls()
    {
        string path = Path.Combine(Path.GetTempPath(), $"av grpc {Guid.NewGuid():N}.sock");
        await using EchoServer server = await EchoServer.StartAsync(
            o => o.ListenUnixSocket(path, l => l.Protocols = HttpProtocols.Http2));
        await using GrpcChannel channel = GrpcChannel.Create($"unix:{path}");
        EchoReply reply = await channel.UnaryAsync(
            EchoMethods.Say, new EchoRequest { Text = "hi" }, null, Ct);
        Assert.Equal("hi", reply.Text);
        Assert.True(server.Calls.TryDequeue(out AvSdk.Grpc.Server.GrpcServerCallContext? context));
        Assert.Equal("unix", context.Peer);
    }

    [Fact]
    public async Task A_unix_socket_that_nobody_serves_is_unavailable()
    {
        await using GrpcChannel channel = GrpcChannel.Create("unix:/nowhere/av.sock");
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest(), null, Ct));
        Assert.Equal(GrpcStatusCode.Unavailable, e.StatusCode);
        Assert.Contains("unix:/nowhere/av.sock", e.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Https_serves_calls_to_those_who_trust_it_and_no_others()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new(
            "CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using EchoServer server = await EchoServer.StartAsync(o => o.Listen(IPAddress.Loopback, 0, l =>
        {
            l.Protocols = HttpProtocols.Http1AndHttp2;
            l.UseHttps(certificate);
        }));
        Assert.Equal("https", server.Address.Scheme);

        X509ChainPolicy trust =
            new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
        trust.CustomTrustStore.Add(certificate);
        await using (GrpcChannel trusting = GrpcChannel.Create(
            server.Address,
            new GrpcChannelOptions { Tls = new() { CertificateChainPolicy = trust } }))
        {
            EchoReply reply = await trusting.UnaryAsync(
                EchoMethods.Say, new EchoRequest { Text = "hi" }, null, Ct);
            Assert.Equal("hi", reply.Text);
        }

        await using GrpcChannel wary = GrpcChannel.Create(server.Address);
        GrpcException e = await Assert.ThrowsAsync<GrpcException>(
            () => wary.UnaryAsync(EchoMethods.Say, new EchoRequest(), null, Ct));
        Assert.Equal(GrpcStatusCode.Unavailable, e.StatusCode);
        Assert.Contains("certificate", e.Detail, StringComparison.OrdinalIgnoreCase);
    }
}
