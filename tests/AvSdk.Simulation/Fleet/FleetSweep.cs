using AvSdk.Gateway.Admission;

namespace AvSdk.Simulation.Fleet;

/// <summary>Every case with one fleet, as a table.</summary>
internal static class FleetSweep
{
    /// <summary>The process's exit code: 1 where a car was left out, or more were admitted than the gateway takes.</summary>
    public static int Run(int cars, int seed, TextWriter output)
    {
        GatewayAdmissionOptions options = new();
        output.WriteLine(
            $"{cars} cars, seed {seed}; the gateway admits {options.SessionsPerSecond} a second and {options.SessionsBurst} at once");
        output.WriteLine(FleetReport.Header);
        bool isGood = true;
        foreach (FleetCase situation in FleetCase.All)
        {
            using FleetRun run = new(situation, cars, seed);
            FleetReport report = run.Execute();
            output.WriteLine(report.Line(options.SessionsPerSecond, options.SessionsBurst));
            isGood &= report.IsGood;
        }

        return isGood ? 0 : 1;
    }
}
