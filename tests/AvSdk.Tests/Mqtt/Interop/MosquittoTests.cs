using System.Text;
using AvSdk.Mqtt;

namespace AvSdk.Tests.Mqtt.Interop;

/// <summary>The client against a real broker.</summary>
public sealed class MosquittoTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MqttQos.AtMostOnce)]
    [InlineData(MqttQos.AtLeastOnce)]
    [InlineData(MqttQos.ExactlyOnce)]
    public async Task What_is_published_arrives_with_all_its_properties(MqttQos qos)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using MqttClient client = await MqttClient.ConnectAsync(new() { Address = broker.Address }, Ct);
        MqttFilterOutcome granted = await client.SubscribeAsync("cars/+/imu", qos, Ct);
        Assert.Equal((true, qos), (granted.IsGranted, granted.GrantedQos));
        MqttPublishOutcome outcome = await client.PublishAsync(
            "cars/veh-1/imu", "pre"u8.ToArray(), "fix"u8.ToArray(), new()
            {
                Qos = qos,
                IsText = true,
                ContentType = "text/plain",
                ResponseTopic = "cars/veh-1/answers",
                CorrelationData = new byte[] { 1, 2, 3 },
                MessageExpiry = TimeSpan.FromHours(1),
                UserProperties = [new("a", "1"), new("a", "2"), new("", "ü")],
            }, Ct);
        Assert.Equal((MqttPublishStatus.Delivered, MqttReasonCode.Success), (outcome.Status, outcome.ReasonCode));
        using MqttMessage message = (await client.Messages.ReadAsync(Ct))!;
        Assert.Equal(
            ("cars/veh-1/imu", "prefix", qos, false, true),
            (message.Topic, Encoding.UTF8.GetString(message.Payload.Span), message.Qos, message.Retain, message.IsText));
        Assert.Equal(("text/plain", "cars/veh-1/answers"), (message.ContentType, message.ResponseTopic));
        Assert.Equal([1, 2, 3], message.CorrelationData.ToArray());
        Assert.InRange(message.MessageExpiry!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        Assert.Equal([new("a", "1"), new("a", "2"), new("", "ü")], message.UserProperties);
        await client.DisconnectAsync(cancellationToken: Ct);
        Assert.Null(await client.Messages.ReadAsync(Ct));
        Assert.Equal(MqttFailure.ClosedByCaller, (await client.Closed).Failure);
    }

    [Fact]
    public async Task Many_publications_are_under_way_at_once_and_arrive_in_order()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync(_ => "max_queued_messages 0");
        await using MqttClient client = await MqttClient.ConnectAsync(new() { Address = broker.Address, ReceiveMaximum = 10 }, Ct);
        await client.SubscribeAsync("numbers", cancellationToken: Ct);
        List<Task<MqttPublishOutcome>> tasks = [];
        for (int i = 0; i < 2000; i++)
        {
            byte[] payload = new byte[i % 7 == 0 ? 40_000 : 4];
            BitConverter.TryWriteBytes(payload, i);
            tasks.Add(client.PublishAsync("numbers", payload, MqttPublishOptions.AtLeastOnce, Ct).AsTask());
        }

        for (int i = 0; i < 2000; i++)
        {
            using MqttMessage message = (await client.Messages.ReadAsync(Ct))!;
            Assert.Equal((i, i % 7 == 0 ? 40_000 : 4), (BitConverter.ToInt32(message.Payload.Span), message.Payload.Length));
        }

        Assert.All(await Task.WhenAll(tasks), outcome => Assert.True(outcome.IsDelivered));
    }

    [Fact]
    public async Task A_message_that_was_not_acknowledged_comes_again_on_the_next_connection()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        MqttClientOptions options = new()
        {
            Address = broker.Address,
            ClientId = "gateway",
            CleanStart = false,
            SessionExpiry = TimeSpan.FromHours(1),
            Acknowledgement = MqttAcknowledgement.Manual,
        };
        await using (MqttClient first = await MqttClient.ConnectAsync(options, Ct))
        {
            await first.SubscribeAsync("parts", cancellationToken: Ct);
            for (byte i = 0; i < 3; i++)
                await first.PublishAsync("parts", new[] { i }, MqttPublishOptions.AtLeastOnce, Ct);
            using MqttMessage zero = (await first.Messages.ReadAsync(Ct))!;
            using MqttMessage one = (await first.Messages.ReadAsync(Ct))!;
            Assert.True(zero.Acknowledge());
            Assert.Equal((0, 1), (zero.Payload.Span[0], one.Payload.Span[0]));
        }

        await using MqttClient second = await MqttClient.ConnectAsync(options, Ct);
        Assert.True(second.SessionPresent);
        using MqttMessage again = (await second.Messages.ReadAsync(Ct))!;
        Assert.Equal((1, true), (again.Payload.Span[0], again.IsDuplicate));
        using MqttMessage two = (await second.Messages.ReadAsync(Ct))!;
        Assert.Equal(2, two.Payload.Span[0]);
    }

    [Fact]
    public async Task A_cut_connection_publishes_the_retained_will_and_a_normal_end_does_not()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        MqttClientOptions options = new() { Address = broker.Address };
        MqttClientOptions withWill = options with
        {
            Will = new() { Topic = "cars/veh-1/state", Payload = "dead"u8.ToArray(), Qos = MqttQos.AtLeastOnce, Retain = true },
        };
        await using MqttClient observer = await MqttClient.ConnectAsync(options, Ct);
        MqttClient vehicle = await MqttClient.ConnectAsync(withWill, Ct);
        MqttPublishOptions retained = new() { Qos = MqttQos.AtLeastOnce, Retain = true };
        await vehicle.PublishAsync("cars/veh-1/state", "alive"u8.ToArray(), retained, Ct);
        await observer.SubscribeAsync("cars/+/state", cancellationToken: Ct);
        Assert.Equal("alive", await ReadTextAsync(observer));
        await vehicle.AbortAsync();
        Assert.Equal("dead", await ReadTextAsync(observer));

        await using (MqttClient orderly = await MqttClient.ConnectAsync(withWill, Ct))
            await orderly.PublishAsync("cars/veh-1/state", "parked"u8.ToArray(), retained, Ct);
        await using MqttClient late = await MqttClient.ConnectAsync(options, Ct);
        await late.SubscribeAsync("cars/+/state", cancellationToken: Ct);
        Assert.Equal("parked", await ReadTextAsync(late));
    }

    private static async Task<string> ReadTextAsync(MqttClient client)
    {
        using MqttMessage message = (await client.Messages.ReadAsync(Ct))!;
        return Encoding.UTF8.GetString(message.Payload.Span);
    }
}
