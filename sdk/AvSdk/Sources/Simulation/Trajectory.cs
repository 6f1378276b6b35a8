namespace AvSdk.Sources.Simulation;

/// <summary>
/// Drives the plan: a point with limited acceleration, jerk and change of curvature, in steps of a
/// millisecond. Times asked for must not go back.
/// </summary>
internal sealed class Trajectory
{
    private const ulong StepNanoseconds = 1_000_000;
    private const double StepSeconds = 1e-3;
    private const double AccelerationMax = 2.5;
    private const double LateralAccelerationMax = 2.0;
    private const double CurvaturePerSecondMax = 0.1;

    private readonly ManoeuvrePlan _plan;
    private ulong _steps;
    private Motion _motion = new(0, 0, Heading: 0.6, Speed: 8, 0, 0, 0, ManoeuvreKind.Accelerate);

    public Trajectory(ulong seed) => _plan = new ManoeuvrePlan(seed);

    /// <summary>The vehicle at a time.</summary>
    /// <param name="sinceStart">ns.</param>
    public Motion At(ulong sinceStart)
    {
        for (; (_steps + 1) * StepNanoseconds <= sinceStart; _steps++)
            Step(_steps * StepNanoseconds);
        return Ahead(_motion, (sinceStart - (_steps * StepNanoseconds)) * 1e-9);
    }

    private void Step(ulong now)
    {
        while (now >= _plan.Current.End)
            _plan.MoveNext();
        Manoeuvre aim = _plan.Current;

        bool hard = aim.Kind == ManoeuvreKind.HardBrake;
        // Who aims at standing still brakes to the end.
        double speed = aim.Kind == ManoeuvreKind.Stop ? -1 : aim.Speed;
        double wanted = Math.Clamp((speed - _motion.Speed) * 0.8, hard ? -7.0 : -3.0, AccelerationMax);
        double jerk = (hard ? 25 : 4) * StepSeconds;
        double acceleration = _motion.Acceleration + Math.Clamp(wanted - _motion.Acceleration, -jerk, jerk);

        double grip = LateralAccelerationMax / Math.Max(_motion.Speed * _motion.Speed, 20);
        double bend = Math.Clamp(aim.Curvature, -grip, grip) - _motion.Curvature;
        double curvature = _motion.Curvature
            + Math.Clamp(bend, -CurvaturePerSecondMax * StepSeconds, CurvaturePerSecondMax * StepSeconds);

        Motion next = Ahead(_motion, StepSeconds);
        bool stands = next.Speed <= 0 && acceleration < 0;
        _motion = next with
        {
            Acceleration = stands ? 0 : acceleration,
            Curvature = curvature,
            Manoeuvre = aim.Kind,
        };
    }

    // Within a step acceleration and curvature are constant; the heading of its middle is close enough.
    private static Motion Ahead(Motion start, double seconds)
    {
        double speed = Math.Max(0, start.Speed + (start.Acceleration * seconds));
        double way = (start.Speed + speed) * 0.5 * seconds;
        double turn = way * start.Curvature;
        (double sin, double cos) = PortableMath.SinCos(start.Heading + (turn * 0.5));
        return start with
        {
            East = start.East + (way * cos),
            North = start.North + (way * sin),
            Heading = start.Heading + turn,
            Speed = speed,
            Distance = start.Distance + way,
        };
    }
}
