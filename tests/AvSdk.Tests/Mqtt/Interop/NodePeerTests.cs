using System.Text;
using AvSdk.Mqtt;

namespace AvSdk.Tests.Mqtt.Interop;

/// <summary>Another implementation at the other end of a real broker: the npm package mqtt.</summary>
public sealed class NodePeerTests
{
    private const int Messages = 500;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task A_request_is_answered_on_its_response_topic_with_its_correlation_data()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using NodeClient peer = NodeClient.Start(broker.Port, "answer");
        Assert.Equal("ready", await peer.ReadLineAsync(Ct));
        await using MqttClient client = await MqttClient.ConnectAsync(new() { Address = broker.Address }, Ct);
        await client.SubscribeAsync("answers/1", cancellationToken: Ct);
        await client.PublishAsync("requests", "what?"u8.ToArray(), new()
        {
            Qos = MqttQos.ExactlyOnce,
            ResponseTopic = "answers/1",
            CorrelationData = new byte[] { 0, 255, 7 },
            ContentType = "text/plain",
            UserProperties = [new("color", "grün")],
        }, Ct);
        using MqttMessage answer = (await client.Messages.ReadAsync(Ct))!;
        Assert.Equal(("WHAT?", "text/plain"), (Encoding.UTF8.GetString(answer.Payload.Span), answer.ContentType));
        Assert.Equal([0, 255, 7], answer.CorrelationData.ToArray());
        Assert.Equal([new("color", "grün"), new("from", "peer")], answer.UserProperties);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_we_publish_the_peer_takes_in_order(int qos)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync(_ => "max_queued_messages 0");
        await using NodeClient peer = NodeClient.Start(broker.Port, "take", $"{Messages}", $"{qos}");
        Assert.Equal("ready", await peer.ReadLineAsync(Ct));
        await using MqttClient client = await MqttClient.ConnectAsync(new() { Address = broker.Address }, Ct);
        List<Task<MqttPublishOutcome>> tasks = [];
        for (int i = 0; i < Messages; i++)
        {
            byte[] payload = new byte[i % 10 == 0 ? 50_000 : 4];
            BitConverter.TryWriteBytes(payload, i);
            tasks.Add(client.PublishAsync("numbers", payload, new() { Qos = (MqttQos)qos }, Ct).AsTask());
        }

        Assert.All(await Task.WhenAll(tasks), outcome => Assert.True(outcome.IsDelivered));
        Assert.Equal($"took {Messages}", await peer.ReadLineAsync(Ct));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_the_peer_publishes_we_take_in_order(int qos)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync(_ => "max_queued_messages 0");
        await using MqttClient client = await MqttClient.ConnectAsync(new() { Address = broker.Address }, Ct);
        await client.SubscribeAsync("numbers", MqttQos.ExactlyOnce, Ct);
        await using NodeClient peer = NodeClient.Start(broker.Port, "send", $"{Messages}", $"{qos}");
        for (int i = 0; i < Messages; i++)
        {
            using MqttMessage message = (await client.Messages.ReadAsync(Ct))!;
            Assert.Equal(
                (i, i % 10 == 0 ? 50_000 : 4, (MqttQos)qos),
                (BitConverter.ToInt32(message.Payload.Span), message.Payload.Length, message.Qos));
        }

        Assert.Equal($"sent {Messages}", await peer.ReadLineAsync(Ct));
    }
}
