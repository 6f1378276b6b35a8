using System.Buffers.Binary;
using AvSdk.Mqtt;

namespace AvSdk.Tests.Mqtt;

/// <summary>Links that break at any byte, over and over, with one session on both ends.</summary>
public sealed class LossTests
{
    private const int Messages = 60;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 25)];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_breaks_QoS_2_arrives_once_and_QoS_1_at_least_once_both_ways_in_order(int seed)
    {
        (MemoryBroker broker, List<int> handed) = await RunAsync(new Random(seed), _ => false);
        foreach ((IEnumerable<int> numbers, string way) in new[] { (broker.Taken.Select(taken => taken.Number), "out"), (handed, "in") })
        {
            int[] once = [.. numbers.Where(number => Numbered.QosOf(number) == MqttQos.ExactlyOnce)];
            Assert.Equal(Enumerable.Range(0, Messages).Where(number => number % 2 == 1), once);
            int[] first = [.. numbers.Where(number => Numbered.QosOf(number) == MqttQos.AtLeastOnce).Distinct()];
            Assert.True(Enumerable.Range(0, Messages).Where(number => number % 2 == 0).SequenceEqual(first), $"{way}: {string.Join(' ', first)}");
        }
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Seeds))]
    public async Task Where_the_server_loses_sessions_too_everything_still_arrives(int seed)
    {
        (MemoryBroker broker, List<int> handed) = await RunAsync(new Random(seed), random => random.Next(3) == 0);
        Assert.Equal(Enumerable.Range(0, Messages), broker.Taken.Select(taken => taken.Number).Distinct().Order());
        Assert.Equal(Enumerable.Range(0, Messages), handed.Distinct().Order());
    }

    private static async Task<(MemoryBroker Broker, List<int> Handed)> RunAsync(Random random, Func<Random, bool> losesSession)
    {
        MemoryBroker broker = new(Messages);
        using MqttSession session = new();
        MqttClientOptions options = new()
        {
            ClientId = "car",
            CleanStart = false,
            SessionExpiry = TimeSpan.FromHours(1),
            ReceiveMaximum = 5,
            Acknowledgement = MqttAcknowledgement.Manual,
        };
        List<Task<MqttPublishOutcome>> tasks = [];
        List<int> handed = [];
        int published = 0;
        for (int links = 0; !(broker.IsDone && published == Messages && tasks.All(task => task.IsCompleted)); links++)
        {
            using MemoryLink link = new();
            link.CutAfter(links < 200 ? random.Next(60, 30_000) : long.MaxValue);
            if (losesSession(random))
                broker.LoseSession();
            Task serving = broker.ServeAsync(link);
            try
            {
                MqttClient client = await MqttClient.ConnectAsync(
                    options with { ConnectChannel = _ => ValueTask.FromResult(link.Client) }, session, Ct);
                for (int burst = random.Next(20); burst > 0 && published < Messages; burst--, published++)
                {
                    MqttPublishOptions publish = new() { Qos = Numbered.QosOf(published) };
                    Task<MqttPublishOutcome> task =
                        client.PublishAsync("out", Numbered.Payload(published), publish, Ct).AsTask();
                    if (task.IsCompletedSuccessfully && (await task).Status == MqttPublishStatus.NotSent)
                        break;
                    tasks.Add(task);
                }

                await TakeAsync(client, random, handed, () => broker.IsDone && tasks.All(task => task.IsCompleted));
                await client.DisposeAsync();
            }
            catch (MqttException e)
            {
                // The link broke before it was made, or while something was awaited.
                Assert.True(e.IsTransient, e.ToString());
            }

            await serving;
        }

        Assert.All(await Task.WhenAll(tasks), outcome => Assert.True(outcome.IsDelivered));
        return (broker, handed);
    }

    // Takes, and acknowledges out of order, until the link breaks or there is no more to do.
    private static async Task TakeAsync(MqttClient client, Random random, List<int> handed, Func<bool> isDone)
    {
        List<MqttMessage> open = [];
        Task<MqttException> closed = client.Closed;
        try
        {
            while (!closed.IsCompleted && !isDone())
            {
                Task<MqttMessage?> reading = client.Messages.ReadAsync(Ct).AsTask();
                while (!reading.IsCompleted && !isDone() && !closed.IsCompleted)
                {
                    AcknowledgeOne(open, random);
                    await Task.WhenAny(reading, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Ct));
                }

                // A message may be in the consumer's hands already, though the task does not say so yet.
                if (!reading.IsCompleted && !closed.IsCompleted)
                    break;
                if (await reading is not { } message)
                    break;
                handed.Add(BinaryPrimitives.ReadInt32LittleEndian(message.Payload.Span));
                open.Add(message);
                if (random.Next(3) == 0)
                    AcknowledgeOne(open, random);
            }
        }
        finally
        {
            while (open.Count > 0)
                AcknowledgeOne(open, random);
        }
    }

    private static void AcknowledgeOne(List<MqttMessage> open, Random random)
    {
        if (open.Count == 0)
            return;
        int at = random.Next(open.Count);
        open[at].Acknowledge();
        open[at].Dispose();
        open.RemoveAt(at);
    }
}
