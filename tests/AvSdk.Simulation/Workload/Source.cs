using AvSdk.Recording;
using AvSdk.Simulation.Car;

namespace AvSdk.Simulation.Workload;

/// <summary>
/// A source that resumes: it keeps its messages until it is told that they are durable, over the power cuts of the
/// car too, and sends after each start what it was not told of.
/// </summary>
internal sealed class Source(World world, SimulatedCar car, Guid id, IReadOnlyList<Topic> topics, Random chance)
{
    private readonly SortedDictionary<string, ulong> _told = new(StringComparer.Ordinal);

    public IReadOnlyList<Topic> Topics => topics;

    /// <summary>The highest ordinal that the source was told is durable, so that it let go of it.</summary>
    public ulong Told(Topic topic) => _told.GetValueOrDefault(topic.Name);

    public async Task StartAsync(CarLife life)
    {
        RecordingSource source = await life.Recorder.OpenSourceAsync(id, CancellationToken.None);
        if (life.Life.IsOver)
            return;
        IReadOnlyDictionary<string, ulong> durable = source.DurablePositions;
        source.DurablePositionsAdvanced += (_, _) => Listen(life, source);
        foreach (Topic topic in topics)
        {
            ulong position = durable.GetValueOrDefault(topic.Name);
            world.Trace.Note(car.Name, $"source resumes {topic.Name} at {position}, was told {Told(topic)}");
            world.Oracle.SourceResumed(car, this, topic, position);
            Listen(life, source);
            _ = FeedAsync(life, source, topic, chance.Next(2) == 0);
        }
    }

    private void Listen(CarLife life, RecordingSource source)
    {
        if (life.Life.IsOver)
            return;
        foreach ((string topic, ulong position) in source.DurablePositions.OrderBy(
            static entry => entry.Key, StringComparer.Ordinal))
        {
            _told[topic] = Math.Max(_told.GetValueOrDefault(topic), position);
        }
    }

    private async Task FeedAsync(CarLife life, RecordingSource source, Topic topic, bool waits)
    {
        RecordingChannel channel = source.Channel(topic.Spec);
        ulong sent = source.AcceptedPosition(topic.Name);
        while (true)
        {
            await world.Clock.Delay(topic.Period * (0.5 + chance.NextDouble()));
            if (life.Life.IsOver || world.IsQuiet || car.Current != life)
                return;
            int burst = chance.Next(8) == 0 ? chance.Next(topic.BurstMax) + 1 : 1;
            for (; burst > 0; burst--)
                topic.Add(chance, car.NowNanoseconds);
            while (sent < (ulong)topic.Messages.Count)
            {
                Message message = topic.Messages[(int)sent];
                if (!await WriteAsync(life, channel, topic, message, waits))
                    return;
                sent++;
            }
        }
    }

    // False: this life is over.
    private async Task<bool> WriteAsync(
        CarLife life, RecordingChannel channel, Topic topic, Message message, bool waits)
    {
        byte[] payload = topic.Payload(message);
        LifeTopic offered = life.Of(topic);
        message.InDoubtIn = offered;
        WriteResult result = waits
            ? await channel.WriteRawAsync(topic.Stamp(message), payload, CancellationToken.None)
            : channel.WriteRaw(topic.Stamp(message), payload);
        if (life.Life.IsOver)
            return false;
        world.Oracle.Offered(car, life, offered, message, result);
        return result != WriteResult.DroppedStopped;
    }
}
