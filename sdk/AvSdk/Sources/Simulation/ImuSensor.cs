using AvSdk.Contracts;
using AvSdk.Contracts.Foxglove;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Sources.Simulation;

/// <summary>
/// Specific force and turn rate of the true motion, with noise, constant errors and a shaking road.
/// </summary>
internal sealed class ImuSensor : PeriodicSensor
{
    public const double Gravity = 9.80665;
    public const double AccelerationNoise = 0.05;
    public const double TurnNoise = 0.002;

    private readonly SeededNoise _noise;
    private readonly double _accelerationError;
    private readonly double _turnError;

    public ImuSensor(ulong seed, double rate)
        : base("/imu", "telemetry", Imu.Descriptor, rate, phase: 0.31)
    {
        _noise = new SeededNoise(seed, Topic);
        _accelerationError = _noise.Gaussian() * 0.02;
        _turnError = _noise.Gaussian() * 0.0005;
    }

    protected override IMessage Measure(in Scene scene, uint index)
    {
        Motion motion = scene.Motion;
        // A road shakes the more, the faster one drives.
        double shake = AccelerationNoise + (0.015 * motion.Speed);
        (double sin, double cos) = PortableMath.SinCos(motion.Heading * 0.5);
        Imu imu = new()
        {
            Timestamp = TimestampNanoseconds.ToTimestamp(scene.Time),
            FrameId = "imu",
            LinearAcceleration = new Vector3
            {
                X = motion.Acceleration + _accelerationError + (AccelerationNoise * _noise.Gaussian()),
                Y = motion.LateralAcceleration - _accelerationError + (AccelerationNoise * _noise.Gaussian()),
                Z = Gravity + (shake * _noise.Gaussian()),
            },
            AngularVelocity = new Vector3
            {
                X = TurnNoise * _noise.Gaussian(),
                Y = TurnNoise * _noise.Gaussian(),
                Z = motion.YawRate + _turnError + (TurnNoise * _noise.Gaussian()),
            },
            Orientation = new Quaternion { Z = sin, W = cos },
            TemperatureCelsius = 38.5f,
        };
        return imu;
    }
}
