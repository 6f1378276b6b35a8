using AvSdk.Query;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Faults;

/// <summary>What a vehicle's numbered messages became at the gateway.</summary>
internal sealed class Arrivals
{
    private readonly Dictionary<string, List<(uint First, uint Last)>> _missing = [];

    private Arrivals()
    {
    }

    public ulong Messages { get; private set; }

    public ulong Missing => _missing.Values.SelectMany(ranges => ranges)
        .Aggregate(0UL, static (sum, range) => sum + range.Last - range.First + 1);

    /// <summary>By topic, the ranges of numbers that are not there.</summary>
    public IReadOnlyDictionary<string, List<(uint First, uint Last)>> MissingRanges => _missing;

    /// <summary>
    /// Reads everything; fails on a message that came twice, out of order, or is not what was written. What is missing is
    /// for the caller to judge.
    /// </summary>
    public static async Task<Arrivals> ReadAsync(
        GatewaySetup gateway, string vehicle, IReadOnlyDictionary<string, uint> written)
    {
        await using AvClient client = AvClient.Connect(gateway.Address);
        return await ReadAsync(client, vehicle, written);
    }

    /// <inheritdoc cref="ReadAsync(GatewaySetup, string, IReadOnlyDictionary{string, uint})"/>
    public static async Task<Arrivals> ReadAsync(
        AvClient client, string vehicle, IReadOnlyDictionary<string, uint> written)
    {
        Arrivals arrivals = new();
        Dictionary<string, uint> last = written.ToDictionary(pair => pair.Key, _ => 0u);
        await foreach (RawMessage message in client.Query().Vehicles(vehicle)
            .ReadRawAsync(TestContext.Current.CancellationToken))
        {
            NumberedTopic topic = NumberedTopic.Find(message.Topic);
            uint number = message.Sequence;
            Assert.True(number > last[topic.Name],
                $"{vehicle} {topic.Name}: message {number} came after {last[topic.Name]} ({message.Origin.RecordingId}, {message.Origin.Lane}, chunk {message.Origin.ChunkSequence})");
            Assert.True(number <= written[topic.Name], $"{vehicle} {topic.Name}: {number} was never written");
            Assert.Equal(NumberedTopic.LogTime(number), message.LogTime);
            Assert.True(message.Payload.Span.SequenceEqual(topic.Payload(number)),
                $"{vehicle} {topic.Name}: message {number} is not what was written ({message.Origin.RecordingId}, {message.Origin.Lane}, chunk {message.Origin.ChunkSequence})");
            arrivals.NoteMissing(topic.Name, last[topic.Name] + 1, number - 1);
            last[topic.Name] = number;
            arrivals.Messages++;
        }

        foreach ((string topic, uint count) in written)
            arrivals.NoteMissing(topic, last[topic] + 1, count);
        return arrivals;
    }

    /// <summary>Every message written is there, once, in order, bit for bit.</summary>
    public static async Task<Arrivals> AssertAllAsync(
        GatewaySetup gateway, string vehicle, IReadOnlyDictionary<string, uint> written)
    {
        Arrivals arrivals = await ReadAsync(gateway, vehicle, written);
        Assert.True(arrivals.Missing == 0, $"{vehicle}: {arrivals}");
        return arrivals;
    }

    public override string ToString() => $"{Messages} messages, {Missing} missing: " + string.Join("; ", _missing.Select(
        pair => $"{pair.Key} {string.Join(", ", pair.Value.Select(range => $"{range.First}..{range.Last}"))}"));

    private void NoteMissing(string topic, uint first, uint last)
    {
        if (first > last)
            return;
        if (!_missing.TryGetValue(topic, out List<(uint, uint)>? ranges))
            _missing.Add(topic, ranges = []);
        ranges.Add((first, last));
    }
}
