using AvSdk.Mqtt;

namespace AvSdk.Tests.Mqtt;

/// <summary>What publishing allocates once everything is warm. Alone in the process: the whole of it is counted.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int Publications = 20_000;
    private const int UnderWay = 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MqttQos.AtMostOnce, 100)]
    [InlineData(MqttQos.AtLeastOnce, 100)]
    [InlineData(MqttQos.AtLeastOnce, 50_000)]
    [InlineData(MqttQos.ExactlyOnce, 100)]
    public async Task Publishing_allocates_nothing_in_steady_state(MqttQos qos, int payloadBytes)
    {
        EchoingChannel channel = new();
        MqttClientOptions options = new() { ConnectChannel = _ => ValueTask.FromResult<AvSdk.Mqtt.Transport.IMqttChannel>(channel) };
        await using MqttClient client = await MqttClient.ConnectAsync(options, Ct);
        using CancellationTokenSource token = new();
        byte[] payload = new byte[payloadBytes];
        MqttPublishOptions publish = new() { Qos = qos, ResponseTopic = "answers", CorrelationData = new byte[16] };
        ValueTask<MqttPublishOutcome>[] underWay = new ValueTask<MqttPublishOutcome>[UnderWay];
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
            least = Math.Min(least, await RoundAsync(client, payload, publish, underWay, token.Token));

        // The tasks of the two loops are made anew now and then when the pool's threads move; a byte a message would be 20,000.
        Assert.True(least < Publications / 4, $"{least} bytes for {Publications} publications");
    }

    // Each is awaited once, later: many are under way.
#pragma warning disable CA2012
    private static async Task<long> RoundAsync(
        MqttClient client, byte[] payload, MqttPublishOptions options, ValueTask<MqttPublishOutcome>[] underWay, CancellationToken token)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < UnderWay; i++)
            underWay[i] = client.PublishAsync("cars/veh-1/parts", payload, options, token);
        for (int i = 0; i < Publications; i++)
        {
            MqttPublishOutcome outcome = await underWay[i % UnderWay];
            if (!outcome.IsDelivered)
                throw new InvalidOperationException(outcome.ToString());
            underWay[i % UnderWay] = client.PublishAsync("cars/veh-1/parts", payload, options, token);
        }

        for (int i = 0; i < UnderWay; i++)
            await underWay[i];
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
#pragma warning restore CA2012
}
