namespace AvSdk.Sources.Simulation;

/// <summary>
/// The manoeuvres of a seed, one after the other without end. Two plans of a seed are the same.
/// </summary>
internal sealed class ManoeuvrePlan
{
    private readonly SeededNoise _noise;

    public ManoeuvrePlan(ulong seed)
    {
        _noise = new SeededNoise(seed, "manoeuvres");
        Current = new Manoeuvre(ManoeuvreKind.Accelerate, 0, Seconds(5), Speed: 13, Curvature: 0);
    }

    public Manoeuvre Current { get; private set; }

    public Manoeuvre MoveNext()
    {
        ManoeuvreKind kind = Following(Current.Kind);
        (double seconds, double speed, double curvature) = kind switch
        {
            ManoeuvreKind.Cruise => (Between(4, 9), Between(9, 15), Between(-0.002, 0.002)),
            ManoeuvreKind.BendLeft => (Between(3, 7), Between(6, 10), Between(0.01, 0.05)),
            ManoeuvreKind.BendRight => (Between(3, 7), Between(6, 10), Between(-0.05, -0.01)),
            ManoeuvreKind.Accelerate => (Between(4, 7), Between(13, 19), 0),
            ManoeuvreKind.Stop => (Between(8, 11), 0, 0),
            _ => (2.5, 2.0, 0.0),
        };
        return Current = new Manoeuvre(kind, Current.End, Current.End + Seconds(seconds), speed, curvature);
    }

    private double Between(double least, double most) => _noise.Uniform(least, most);

    private ManoeuvreKind Following(ManoeuvreKind last)
    {
        // After standing or nearly standing a driver sets off again.
        if (last is ManoeuvreKind.Stop or ManoeuvreKind.HardBrake)
            return ManoeuvreKind.Accelerate;
        return _noise.Below(12) switch
        {
            < 4 => ManoeuvreKind.Cruise,
            < 6 => ManoeuvreKind.BendLeft,
            < 8 => ManoeuvreKind.BendRight,
            < 10 => ManoeuvreKind.Accelerate,
            10 => ManoeuvreKind.Stop,
            _ => ManoeuvreKind.HardBrake,
        };
    }

    private static ulong Seconds(double seconds) => (ulong)(seconds * 1000) * 1_000_000;
}
