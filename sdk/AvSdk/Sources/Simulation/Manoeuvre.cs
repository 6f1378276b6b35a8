namespace AvSdk.Sources.Simulation;

/// <summary>What the driver intends for some seconds.</summary>
/// <param name="Kind">For people.</param>
/// <param name="Start">Nanoseconds since the drive began.</param>
/// <param name="End">Nanoseconds since the drive began, exclusive.</param>
/// <param name="Speed">Aimed at, m/s.</param>
/// <param name="Curvature">Aimed at, 1/m, left positive; less where the speed would throw the car
/// sideways.</param>
internal readonly record struct Manoeuvre(
    ManoeuvreKind Kind, ulong Start, ulong End, double Speed, double Curvature);

internal enum ManoeuvreKind
{
    Cruise,
    BendLeft,
    BendRight,
    Accelerate,
    Stop,
    HardBrake,
}
