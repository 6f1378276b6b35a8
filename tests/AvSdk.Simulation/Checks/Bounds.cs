using AvSdk.Recording;
using AvSdk.Simulation.Car;

namespace AvSdk.Simulation.Checks;

/// <summary>Looks again and again whether something has grown over its bound.</summary>
internal sealed class Bounds(World world)
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(500);

    // A segment's beginning and its summary are not counted before they are written.
    private const long SegmentOverheadBytes = 64 << 10;

    public void Start() => world.Clock.After(s_period, () =>
    {
        if (world.IsQuiet)
            return;
        foreach (SimulatedCar car in world.Cars)
        {
            if (car.Current is { } life)
                Check(car, life.Recorder);
        }

        if (world.Gateway.StagingBytes > world.Gateway.Options.StagingBytesMax)
            world.Oracle.Unexplained($"The gateway's staging has {world.Gateway.StagingBytes} bytes");
        Start();
    });

    /// <summary>At once: bursts are gone before the next look.</summary>
    public static void CheckMemory(World world, SimulatedCar car, CarLife life) =>
        CheckMemory(world, car, life.Recorder.Status);

    private static void CheckMemory(World world, SimulatedCar car, RecorderStatus status)
    {
        if (status.MemoryBytes > car.Plan.Options.MemoryBytesMax || status.MemoryBytes < 0)
            world.Oracle.Unexplained($"{car.Name}: {status.MemoryBytes} bytes of memory are in use");
    }

    private void Check(SimulatedCar car, LocalRecorder recorder)
    {
        RecorderOptions options = car.Plan.Options;
        RecorderStatus status = recorder.Status;
        CheckMemory(world, car, status);
        foreach (LaneStatus lane in status.Lanes)
        {
            LaneOptions lanes = options.Lanes.First(known => known.Name == lane.Name);
            // What the disk would not delete is there still when the next run looks.
            long bytesMax = lanes.QuotaBytes + SegmentOverheadBytes + car.Disk.NotDeletedBytes(lane.Name);
            if (lane.SpoolBytes > bytesMax || lane.SpoolBytes < 0)
                world.Oracle.Unexplained($"{car.Name}: lane {lane.Name} has {lane.SpoolBytes} bytes");
            if (lane.PendingChunks < 0 || lane.PendingBytes < 0)
                world.Oracle.Unexplained($"{car.Name}: lane {lane.Name} has {lane}");
        }
    }
}
