using System.Security.Cryptography.X509Certificates;
using AvSdk.Mqtt;

namespace AvSdk.Tests.Mqtt.Interop;

/// <summary>TLS, client certificates and WebSocket, against a real broker.</summary>
public sealed class MosquittoTransportTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_certificate_says_who_publishes()
    {
        using TestCertificates certificates = new();
        int port = FreePort.Take();
        await using Mosquitto broker = await Mosquitto.StartAsync(broker =>
        {
            File.WriteAllText(Path.Combine(broker.Folder, "acl"), "pattern readwrite cars/%u/#\n");
            return $"acl_file {broker.Folder}/acl\n" + certificates.Listener(broker.Folder, port);
        });
        using X509Certificate2 vehicle = certificates.Issue("veh-1");
        MqttClientOptions options = new() { Address = new($"mqtts://127.0.0.1:{port}"), Tls = certificates.Trust(vehicle) };
        await using MqttClient client = await MqttClient.ConnectAsync(options, Ct);
        Assert.True((await client.SubscribeAsync("cars/veh-1/#", cancellationToken: Ct)).IsGranted);
        byte[] payload = new byte[300_000];
        Random.Shared.NextBytes(payload);
        Assert.True((await client.PublishAsync("cars/veh-1/parts", payload, MqttPublishOptions.AtLeastOnce, Ct)).IsDelivered);
        using MqttMessage message = (await client.Messages.ReadAsync(Ct))!;
        Assert.True(message.Payload.Span.SequenceEqual(payload));
        MqttPublishOutcome refused = await client.PublishAsync("cars/veh-2/parts", payload, MqttPublishOptions.AtLeastOnce, Ct);
        Assert.Equal((MqttPublishStatus.Refused, MqttReasonCode.NotAuthorized), (refused.Status, refused.ReasonCode));
    }

    [Fact]
    public async Task Without_the_right_certificates_on_both_sides_there_is_no_connection()
    {
        using TestCertificates certificates = new();
        using TestCertificates strangers = new("another authority");
        int port = FreePort.Take();
        await using Mosquitto broker = await Mosquitto.StartAsync(broker => certificates.Listener(broker.Folder, port));
        using X509Certificate2 good = certificates.Issue("veh-1");
        using X509Certificate2 bad = strangers.Issue("veh-1");
        MqttClientOptions options = new() { Address = new($"mqtts://127.0.0.1:{port}") };
        foreach (MqttClientOptions wrong in new[]
        {
            options with { Tls = certificates.Trust() },
            options with { Tls = certificates.Trust(bad) },
            options with { Tls = strangers.Trust(good) },
            options with { Tls = null },
            options with { Address = new($"mqtt://127.0.0.1:{port}") },
        })
        {
            MqttException e = await Assert.ThrowsAsync<MqttException>(() => MqttClient.ConnectAsync(wrong, Ct));
            Assert.Equal(MqttFailure.Unreachable, e.Failure);
        }

        System.Net.Security.SslClientAuthenticationOptions otherName = certificates.Trust(good);
        otherName.TargetHost = "broker.example";
        MqttException name = await Assert.ThrowsAsync<MqttException>(
            () => MqttClient.ConnectAsync(options with { Tls = otherName }, Ct));
        Assert.Contains("certificate", name.Message, StringComparison.Ordinal);
        await using MqttClient right = await MqttClient.ConnectAsync(options with { Tls = certificates.Trust(good) }, Ct);
    }

    [Fact]
    public async Task A_WebSocket_carries_the_same()
    {
        int port = FreePort.Take();
        await using Mosquitto broker = await Mosquitto.StartAsync(_ => $"listener {port} 127.0.0.1\nprotocol websockets");
        await using MqttClient client = await MqttClient.ConnectAsync(new() { Address = new($"ws://127.0.0.1:{port}/mqtt") }, Ct);
        await client.SubscribeAsync("parts", MqttQos.ExactlyOnce, Ct);
        List<Task<MqttPublishOutcome>> tasks = [];
        for (int i = 0; i < 50; i++)
        {
            byte[] payload = new byte[1 + (i * 50)];
            payload[0] = (byte)i;
            tasks.Add(client.PublishAsync("parts", payload, new() { Qos = (MqttQos)(i % 3) }, Ct).AsTask());
        }

        HashSet<int> seen = [];
        for (int i = 0; i < 50; i++)
        {
            using MqttMessage message = (await client.Messages.ReadAsync(Ct))!;
            Assert.True(seen.Add(message.Payload.Span[0]));
            Assert.Equal(1 + (message.Payload.Span[0] * 50), message.Payload.Length);
        }

        Assert.All(await Task.WhenAll(tasks), outcome => Assert.True(outcome.IsDelivered));
        MqttException e = await Assert.ThrowsAsync<MqttException>(
            () => MqttClient.ConnectAsync(new() { Address = new($"ws://127.0.0.1:{broker.Port}/mqtt") }, Ct));
        Assert.Equal(MqttFailure.Unreachable, e.Failure);
    }
}
