namespace AvSdk.Sources.Simulation;

/// <summary>The vehicle at one time, as it truly is; sensors add their errors.</summary>
/// <param name="East">From where the drive began, m.</param>
/// <param name="North">From where the drive began, m.</param>
/// <param name="Heading">From east towards north, rad, not wrapped.</param>
/// <param name="Speed">m/s, never negative.</param>
/// <param name="Acceleration">Along the vehicle, m/s².</param>
/// <param name="Curvature">Of the path, 1/m, left positive.</param>
/// <param name="Distance">Driven since the start, m.</param>
/// <param name="Manoeuvre">What the driver intends.</param>
internal readonly record struct Motion(
    double East, double North, double Heading, double Speed, double Acceleration, double Curvature,
    double Distance, ManoeuvreKind Manoeuvre)
{
    public double YawRate => Speed * Curvature;

    public double LateralAcceleration => Speed * Speed * Curvature;
}
