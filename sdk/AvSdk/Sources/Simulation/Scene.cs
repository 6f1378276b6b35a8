namespace AvSdk.Sources.Simulation;

/// <summary>The world at one time.</summary>
/// <param name="Time">Nanoseconds since 1970.</param>
/// <param name="SinceStart">Nanoseconds since the drive began.</param>
/// <param name="Motion">Of the vehicle.</param>
/// <param name="Traffic">Who else is on the road.</param>
internal readonly record struct Scene(ulong Time, ulong SinceStart, Motion Motion, Traffic Traffic)
{
    public double Seconds => SinceStart * 1e-9;
}
