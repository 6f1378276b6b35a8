namespace AvSdk.Sources.Simulation;

/// <summary>Another road user, relative to the vehicle's frame.</summary>
/// <param name="Id">The same as long as it is in sight.</param>
/// <param name="X">Of its middle, ahead, m.</param>
/// <param name="Y">Of its middle, to the left, m.</param>
/// <param name="VelocityX">Relative to the vehicle, m/s.</param>
/// <param name="Length">m.</param>
/// <param name="Width">m.</param>
/// <param name="Height">m.</param>
internal readonly record struct RoadUser(
    uint Id, double X, double Y, double VelocityX, double Length, double Width, double Height);

/// <summary>
/// Other cars: a function of time and of the way driven, so that every sensor sees the same ones whichever
/// sensors there are. One leads, the others come and go on a stretch of road that moves along.
/// </summary>
internal sealed class Traffic
{
    public const int Count = 7;

    private const double Behind = 60;
    private const double Stretch = 210;
    private const double LaneWidth = 3.5;

    private readonly double[] _starts = new double[Count];
    private readonly double[] _speeds = new double[Count];
    private readonly bool[] _trucks = new bool[Count];

    public Traffic(ulong seed)
    {
        SeededNoise noise = new(seed, "traffic");
        for (int i = 0; i < Count; i++)
        {
            _starts[i] = noise.Uniform(0, Stretch);
            _speeds[i] = Oncoming(i) ? noise.Uniform(-15, -9) : noise.Uniform(8, 15);
            _trucks[i] = noise.Below(4) == 0;
        }
    }

    public RoadUser At(int index, double seconds, in Motion motion)
    {
        double x, velocity;
        uint round = 0;
        if (index == 0)
        {
            // The leading car keeps its distance, give or take.
            (double sin, double cos) = PortableMath.SinCos(seconds * 0.25);
            (x, velocity) = (32 + (10 * sin), 2.5 * cos);
        }
        else
        {
            double along = _starts[index] + (_speeds[index] * seconds) - motion.Distance;
            double rounds = Math.Floor(along / Stretch);
            x = along - (rounds * Stretch) - Behind;
            round = (uint)Math.Abs((long)rounds);
            velocity = _speeds[index] - motion.Speed;
        }

        // The street bends as the vehicle does: seen from it, everybody stays in his lane.
        double y = index == 0 ? 0 : Oncoming(index) ? LaneWidth : -LaneWidth;
        return _trucks[index]
            ? new RoadUser(Id(index, round), x, y, velocity, Length: 9, Width: 2.5, Height: 3.4)
            : new RoadUser(Id(index, round), x, y, velocity, Length: 4.5, Width: 1.8, Height: 1.5);
    }

    private static bool Oncoming(int index) => index % 2 == 1;

    private static uint Id(int index, uint round) => (uint)index + 1 + (round % 9 * Count);
}
