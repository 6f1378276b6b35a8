using AvSdk.Recording;
using AvSdk.Simulation.Car;

namespace AvSdk.Simulation.Workload;

/// <summary>A sensor: offers its messages when they come, and never again.</summary>
internal sealed class Publisher(World world, SimulatedCar car, Topic topic, Random chance)
{
    public void Start(CarLife life)
    {
        RecordingChannel channel = life.Recorder.Channel(topic.Spec);
        Schedule(life, channel);
    }

    private void Schedule(CarLife life, RecordingChannel channel) =>
        world.Clock.After(topic.Period * (0.5 + chance.NextDouble()), () =>
        {
            if (life.Life.IsOver || world.IsQuiet || car.Current != life)
                return;
            int burst = chance.Next(8) == 0 ? chance.Next(topic.BurstMax) + 1 : 1;
            for (; burst > 0 && !life.Life.IsOver; burst--)
                Write(life, channel);
            Schedule(life, channel);
        });

    private void Write(CarLife life, RecordingChannel channel)
    {
        Message message = topic.Add(chance, car.NowNanoseconds);
        LifeTopic offered = life.Of(topic);
        WriteResult result = channel.WriteRaw(topic.Stamp(message), topic.Payload(message));
        world.Oracle.Offered(car, life, offered, message, result);
    }
}
