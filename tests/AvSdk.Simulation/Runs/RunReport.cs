using AvSdk.Simulation.Checks;

namespace AvSdk.Simulation.Runs;

/// <summary>What a run says of itself; goes from a child process to its parent as a line of JSON.</summary>
internal sealed class RunReport
{
    public int Seed { get; init; }

    public string Hash { get; init; } = "";

    public long[] Faults { get; init; } = [];

    public long Messages { get; init; }

    public long Stored { get; init; }

    public double VirtualSeconds { get; init; }

    public long Events { get; init; }

    public double RealSeconds { get; init; }

    public Violation[] Violations { get; init; } = [];
}
