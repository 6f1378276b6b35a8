using System.Globalization;
using System.Text.Json;
using AvSdk.Simulation.Fleet;
using AvSdk.Simulation.Mutants;

namespace AvSdk.Simulation.Runs;

/// <summary>What was asked for.</summary>
internal static class CommandLine
{
    private const string Usage =
        """
        AvSdk.Simulation --seeds COUNT [--first-seed SEED]  runs so many seeds; exit code 1: something was found
        AvSdk.Simulation --seed SEED                        runs one seed, with a trace of what happens
          [--mutant NAME]                                   of a product that is broken on purpose
          [--uplink stream|mqtt]                            how cars reach the gateway; a stream unless it says so
        AvSdk.Simulation --mutants [--seeds COUNT]          runs every mutant until it is caught
        AvSdk.Simulation --list-mutants                     names them
        AvSdk.Simulation --child ...                        runs seeds in this process: a line of JSON each
        AvSdk.Simulation --fleet CARS [--seed SEED]         a fleet loses its tower and comes back; exit code 1: too many at
                                                            once, or a car was left out
        """;

    public static int Run(string[] args)
    {
        if (args.Length == 0)
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        Mutant mutant = Value(args, "--mutant") is { } name ? AllMutants.Find(name) : Mutant.None;
        if (Number(args, "--fleet") is { } cars)
            return FleetSweep.Run(cars, Number(args, "--seed") ?? 1, Console.Out);
        UplinkKind uplink = Value(args, "--uplink") is { } kind
            ? Enum.Parse<UplinkKind>(kind, ignoreCase: true)
            : UplinkKind.Stream;
        int first = Number(args, "--first-seed") ?? 1;
        if (args.Contains("--list-mutants"))
            return ListMutants();
        if (args is ["--child", ..])
            return RunSome(first, Number(args, "--seeds") ?? 1, mutant, uplink, args.Contains("--until-found"));
        if (Number(args, "--seed") is { } seed)
            return RunOne(new Setup(seed, mutant, uplink));
        if (args.Contains("--mutants"))
            return MutantSweep.Run(first, Number(args, "--seeds") ?? 150);
        if (Number(args, "--seeds") is not { } seeds)
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        Sweep sweep = new(first, seeds, mutant, uplink, untilFound: false, Console.Error);
        sweep.Run();
        sweep.Total.Write(Console.Out);
        return sweep.Total.FailedSeeds.Count > 0 ? 1 : 0;
    }

    private static int RunOne(Setup setup)
    {
        using Watchdog watchdog = new(Console.Out);
        RunReport report = new Run(setup, Console.Out).Execute(watchdog);
        Console.WriteLine($"trace {report.Hash}");
        Total total = new();
        total.Add(report);
        total.Write(Console.Out);
        return report.Violations.Length > 0 ? 1 : 0;
    }

    private static int ListMutants()
    {
        foreach (Mutant mutant in AllMutants.List)
            Console.WriteLine(mutant.Name);
        return 0;
    }

    // A line of JSON a run, for the parent.
    private static int RunSome(int first, int seeds, Mutant mutant, UplinkKind uplink, bool untilFound)
    {
        using Watchdog watchdog = new(Console.Out);
        for (int seed = first; seed < first + seeds; seed++)
        {
            RunReport report = new Run(new Setup(seed, mutant, uplink), null).Execute(watchdog);
            Console.WriteLine(JsonSerializer.Serialize(report));
            if (untilFound && report.Violations.Length > 0)
                break;
        }

        return 0;
    }

    private static string? Value(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and int at && at + 1 < args.Length ? args[at + 1] : null;

    private static int? Number(string[] args, string name) =>
        Value(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
