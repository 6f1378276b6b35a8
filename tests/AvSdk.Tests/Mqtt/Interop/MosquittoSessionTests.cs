using System.Text;
using AvSdk.Mqtt;

namespace AvSdk.Tests.Mqtt.Interop;

/// <summary>Sessions, sharing and limits of a real broker.</summary>
public sealed class MosquittoSessionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_persistent_session_outlives_a_restart_of_the_broker()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        MqttClientOptions options = new()
        {
            Address = broker.Address,
            ClientId = "consumer",
            CleanStart = false,
            SessionExpiry = TimeSpan.FromHours(1),
            Acknowledgement = MqttAcknowledgement.Manual,
        };
        MqttClient first = await MqttClient.ConnectAsync(options, Ct);
        Assert.False(first.SessionPresent);
        await first.SubscribeAsync("parts", MqttQos.ExactlyOnce, Ct);
        await first.AbortAsync();
        await using (MqttClient publisher = await MqttClient.ConnectAsync(new() { Address = broker.Address }, Ct))
        {
            for (byte i = 0; i < 10; i++)
                await publisher.PublishAsync("parts", new[] { i }, new() { Qos = (MqttQos)(1 + (i % 2)) }, Ct);
        }

        await broker.StopAsync();
        await broker.StartAgainAsync();
        await using MqttClient second = await MqttClient.ConnectAsync(options, Ct);
        Assert.True(second.SessionPresent);
        for (byte i = 0; i < 10; i++)
        {
            using MqttMessage message = (await second.Messages.ReadAsync(Ct))!;
            Assert.Equal((i, (MqttQos)(1 + (i % 2))), (message.Payload.Span[0], message.Qos));
            Assert.True(message.Acknowledge());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Publications_go_on_over_a_restart_whether_or_not_the_broker_kept_the_session(bool keepsSession)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        MqttClientOptions publishing = new()
        {
            Address = broker.Address,
            ClientId = "car",
            SessionExpiry = TimeSpan.FromHours(1),

            // mosquitto 2.0.11 stores no session that began with a clean start.
            CleanStart = false,
        };
        MqttClientOptions consuming = publishing with { ClientId = "consumer" };
        using MqttSession session = new();
        MqttClient car = await MqttClient.ConnectAsync(publishing, session, Ct);
        List<Task<MqttPublishOutcome>> tasks = [];
        for (int i = 0; i < 3000; i++)
            tasks.Add(car.PublishAsync("parts", BitConverter.GetBytes(i), new() { Qos = (MqttQos)(1 + (i % 2)) }, Ct).AsTask());
        await tasks[100];
        if (keepsSession)
            await broker.StopAsync();
        else
            await broker.KillAsync();
        Assert.NotEqual(MqttFailure.ClosedByCaller, (await car.Closed).Failure);
        await car.DisposeAsync();
        await broker.StartAgainAsync();
        await using MqttClient consumer = await MqttClient.ConnectAsync(consuming, Ct);
        await consumer.SubscribeAsync("parts", cancellationToken: Ct);
        await using MqttClient again = await MqttClient.ConnectAsync(publishing, session, Ct);
        Assert.Equal(keepsSession, again.SessionPresent);
        Assert.All(await Task.WhenAll(tasks), outcome => Assert.True(outcome.IsDelivered));
        Assert.Equal(0, session.OpenPublications);
    }

    [Fact]
    public async Task A_shared_subscription_gives_each_message_to_one_of_the_group()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        MqttClientOptions options = new() { Address = broker.Address };
        await using MqttClient first = await MqttClient.ConnectAsync(options, Ct);
        await using MqttClient second = await MqttClient.ConnectAsync(options, Ct);
        foreach (MqttClient member in new[] { first, second })
            Assert.True((await member.SubscribeAsync("$share/gateways/cars/+/parts", cancellationToken: Ct)).IsGranted);
        await using MqttClient car = await MqttClient.ConnectAsync(options, Ct);
        for (byte i = 0; i < 100; i++)
            await car.PublishAsync("cars/veh-1/parts", new[] { i }, MqttPublishOptions.AtLeastOnce, Ct);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        int taken = 0;
        void CountOne()
        {
            if (Interlocked.Increment(ref taken) == 100)
                end.Cancel();
        }

        byte[][] shares = await Task.WhenAll(TakeAsync(first, CountOne, end.Token), TakeAsync(second, CountOne, end.Token));
        Assert.Equal(Enumerable.Range(0, 100), shares.SelectMany(share => share).Select(b => (int)b).Order());
        Assert.All(shares, share => Assert.InRange(share.Length, 1, 99));
    }

    [Fact]
    public async Task The_broker_s_largest_packet_and_ours_are_kept_to()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync(_ => "max_packet_size 5000");
        MqttClientOptions options = new() { Address = broker.Address };
        await using MqttClient client = await MqttClient.ConnectAsync(options, Ct);
        Assert.Equal(5000, client.Server.PacketBytesMax);
        int fits = 5000 - 3 - 2 - 5 - 2 - 1;
        MqttPublishOutcome tooLarge = await client.PublishAsync("parts", new byte[fits + 1], MqttPublishOptions.AtLeastOnce, Ct);
        Assert.Equal((MqttPublishStatus.TooLarge, MqttReasonCode.PacketTooLarge), (tooLarge.Status, tooLarge.ReasonCode));
        Assert.True((await client.PublishAsync("parts", new byte[fits], MqttPublishOptions.AtLeastOnce, Ct)).Status
            is MqttPublishStatus.Delivered);

        await using MqttClient small = await MqttClient.ConnectAsync(options with { PacketBytesMax = 1000 }, Ct);
        await small.SubscribeAsync("parts", cancellationToken: Ct);
        await client.PublishAsync("parts", new byte[2000], MqttPublishOptions.AtLeastOnce, Ct);
        await client.PublishAsync("parts", new byte[500], MqttPublishOptions.AtLeastOnce, Ct);
        using MqttMessage message = (await small.Messages.ReadAsync(Ct))!;
        Assert.Equal(500, message.Payload.Length);
    }

    [Fact]
    public async Task Subscriptions_keep_to_their_options_and_end()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        await using MqttClient client = await MqttClient.ConnectAsync(new() { Address = broker.Address }, Ct);
        MqttPublishOptions retained = new() { Qos = MqttQos.AtLeastOnce, Retain = true };
        await client.PublishAsync("kept", "old"u8.ToArray(), retained, Ct);
        IReadOnlyList<MqttFilterOutcome> granted = await client.SubscribeAsync(
            [
                new("own") { NoLocal = true },
                new("kept") { RetainHandling = MqttRetainHandling.DoNotSend, RetainAsPublished = true },
            ],
            new() { SubscriptionIdentifier = 300 }, Ct);
        Assert.All(granted, outcome => Assert.True(outcome.IsGranted));
        await client.PublishAsync("own", "never"u8.ToArray(), MqttPublishOptions.AtLeastOnce, Ct);
        await client.PublishAsync("kept", "new"u8.ToArray(), retained, Ct);
        using MqttMessage message = (await client.Messages.ReadAsync(Ct))!;
        Assert.Equal(("kept", "new", true), (message.Topic, Encoding.UTF8.GetString(message.Payload.Span), message.Retain));
        Assert.Equal([300], message.SubscriptionIdentifiers);
        IReadOnlyList<MqttFilterOutcome> ended = await client.UnsubscribeAsync(["kept", "nothing"], null, Ct);
        Assert.Equal(
            [new("kept", MqttReasonCode.Success), new("nothing", MqttReasonCode.NoSubscriptionExisted)], ended);
    }

    [Fact]
    public async Task A_second_connection_with_the_same_identifier_ends_the_first()
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        MqttClientOptions options = new() { Address = broker.Address, ClientId = "one" };
        await using MqttClient first = await MqttClient.ConnectAsync(options, Ct);
        await using MqttClient second = await MqttClient.ConnectAsync(options, Ct);

        // mosquitto 2.0.11 closes without a word; later ones say SessionTakenOver.
        Assert.True((await first.Closed).Failure is MqttFailure.ConnectionLost or MqttFailure.EndedByServer);
        Assert.False(second.Closed.IsCompleted);
    }

    private static async Task<byte[]> TakeAsync(MqttClient client, Action countOne, CancellationToken end)
    {
        List<byte> taken = [];
        try
        {
            await foreach (MqttMessage message in client.Messages.ReadAllAsync(end))
            {
                taken.Add(message.Payload.Span[0]);
                message.Dispose();
                countOne();
            }
        }
        catch (OperationCanceledException) when (!Ct.IsCancellationRequested)
        {
            // All have come.
        }

        return [.. taken];
    }
}
