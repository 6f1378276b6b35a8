using AvSdk.Contracts;
using AvSdk.Contracts.Foxglove;
using Google.Protobuf;

namespace AvSdk.Sources.Simulation;

/// <summary>
/// Positions on the WGS 84 ellipsoid, with an error that wanders slowly, as a satellite receiver's does.
/// </summary>
internal sealed class GnssSensor : PeriodicSensor
{
    private const double SemiMajorAxis = 6_378_137.0;
    private const double EccentricitySquared = 6.69437999014e-3;
    private const double Degrees = 180 / Math.PI;
    private const double VelocityNoise = 0.03;

    private readonly SeededNoise _noise;
    private readonly double _latitude;
    private readonly double _longitude;
    private readonly double _degreesPerMetreNorth;
    private readonly double _degreesPerMetreEast;
    private double _errorEast;
    private double _errorNorth;

    public GnssSensor(ulong seed, double rate, double latitude, double longitude)
        : base("/gnss", "telemetry", LocationFix.Descriptor, rate, phase: 0.47)
    {
        _noise = new SeededNoise(seed, Topic);
        (_latitude, _longitude) = (latitude, longitude);

        // Radii of curvature where the drive begins; a drive is short beside them.
        (double sin, double cos) = PortableMath.SinCos(latitude / Degrees);
        double w = Math.Sqrt(1 - (EccentricitySquared * sin * sin));
        double meridian = SemiMajorAxis * (1 - EccentricitySquared) / (w * w * w);
        double primeVertical = SemiMajorAxis / w;
        _degreesPerMetreNorth = Degrees / meridian;
        _degreesPerMetreEast = Degrees / (primeVertical * cos);
        _errorEast = _noise.Gaussian() * 0.2;
        _errorNorth = _noise.Gaussian() * 0.2;
    }

    protected override IMessage Measure(in Scene scene, uint index)
    {
        Motion motion = scene.Motion;
        _errorEast = (_errorEast * 0.998) + (0.01 * _noise.Gaussian());
        _errorNorth = (_errorNorth * 0.998) + (0.01 * _noise.Gaussian());
        (double sin, double cos) = PortableMath.SinCos(motion.Heading);

        LocationFix fix = new()
        {
            Timestamp = TimestampNanoseconds.ToTimestamp(scene.Time),
            FrameId = "gnss",
            Latitude = _latitude + ((motion.North + _errorNorth) * _degreesPerMetreNorth),
            Longitude = _longitude + ((motion.East + _errorEast) * _degreesPerMetreEast),
            Altitude = 520 + (0.05 * _noise.Gaussian()),
            PositionCovariance = { 0.04, 0, 0, 0, 0.04, 0, 0, 0, 0.16 },
            PositionCovarianceType = LocationFix.Types.PositionCovarianceType.DiagonalKnown,
            Velocity = new Vector3
            {
                X = (motion.Speed * cos) + (VelocityNoise * _noise.Gaussian()),
                Y = (motion.Speed * sin) + (VelocityNoise * _noise.Gaussian()),
                Z = VelocityNoise * _noise.Gaussian(),
            },
        };
        // A receiver knows where it goes, not where it looks: standing it has no heading.
        if (motion.Speed > 0.5)
            fix.Heading = ClockwiseFromNorth(motion.Heading);
        return fix;
    }

    private static double ClockwiseFromNorth(double heading)
    {
        double angle = (Math.PI / 2) - heading;
        return angle - (Math.Floor(angle / (2 * Math.PI)) * 2 * Math.PI);
    }
}
