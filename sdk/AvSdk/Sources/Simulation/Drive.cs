using AvSdk.Recording;
using Google.Protobuf;

namespace AvSdk.Sources.Simulation;

/// <summary>One drive: asks the sensors in the order in which they are due.</summary>
internal sealed class Drive
{
    private readonly SimulatedVehicleOptions _options;
    private readonly SimulatedSensor[] _sensors;
    private readonly Trajectory _trajectory;
    private readonly Traffic _traffic;
    private readonly ulong _end;

    /// <param name="options">Valid ones.</param>
    /// <param name="reuseMemory">A large message is valid only until the next is asked for.</param>
    public Drive(SimulatedVehicleOptions options, bool reuseMemory)
    {
        _options = options;
        _sensors = [.. Sensors(options, reuseMemory)];
        _trajectory = new Trajectory(options.Seed);
        _traffic = new Traffic(options.Seed);
        _end = options.Duration == Timeout.InfiniteTimeSpan
            ? ulong.MaxValue
            : (ulong)options.Duration.Ticks * TimeSpan.NanosecondsPerTick;
    }

    public static IEnumerable<SimulatedSensor> Sensors(SimulatedVehicleOptions options, bool reuseMemory)
    {
        ulong seed = options.Seed;
        if (options.Log)
            yield return new LogSensor(seed);
        if (options.ImuRate > 0)
            yield return new ImuSensor(seed, options.ImuRate);
        if (options.CanRate > 0)
            yield return new CanSensor(seed, options.CanRate);
        if (options.VehicleStateRate > 0)
            yield return new VehicleStateSensor(options.VehicleStateRate);
        if (options.GnssRate > 0)
            yield return new GnssSensor(seed, options.GnssRate, options.Latitude, options.Longitude);
        if (options.TransformRate > 0)
            yield return new TransformSensor(options.TransformRate, options.Cameras);
        if (options.RadarRate > 0)
            yield return new RadarSensor(seed, options.RadarRate);
        if (options.LidarRate > 0)
        {
            yield return new LidarSensor(
                seed, options.LidarRate, options.LidarRings, options.LidarColumns, reuseMemory);
        }

        for (int i = 0; i < options.Cameras.Count; i++)
        {
            // Cameras are triggered one after the other.
            double phase = (i + 1) / (options.Cameras.Count + 1.0);
            if (options.Cameras[i].Rate > 0)
                yield return new CameraSensor(seed, options.Cameras[i], phase, reuseMemory);
        }
    }

    /// <summary>The next message, or false when the drive has ended.</summary>
    public bool TryMoveNext(out SimulatedMessage message, out int sensorIndex)
    {
        sensorIndex = -1;
        ulong due = _end;
        for (int i = 0; i < _sensors.Length; i++)
        {
            if (_sensors[i].Due < due)
                (due, sensorIndex) = (_sensors[i].Due, i);
        }

        if (sensorIndex < 0)
        {
            message = default;
            return false;
        }

        SimulatedSensor sensor = _sensors[sensorIndex];
        ulong time = _options.StartTime + due;
        IMessage made = sensor.Make(new Scene(time, due, _trajectory.At(due), _traffic));
        MessageStamp stamp = new(LogTime: time, PublishTime: time, sensor.Made);
        message = new SimulatedMessage(sensor.Topic, sensor.Lane, stamp, made);
        return true;
    }
}
