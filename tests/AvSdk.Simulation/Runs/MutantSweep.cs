using AvSdk.Simulation.Checks;
using AvSdk.Simulation.Mutants;

namespace AvSdk.Simulation.Runs;

/// <summary>Runs every mutant until the simulator catches it.</summary>
internal static class MutantSweep
{
    /// <summary>The exit code: 1 when one was not caught within so many seeds.</summary>
    public static int Run(int first, int seeds)
    {
        int missed = 0;
        foreach (Mutant mutant in AllMutants.List)
        {
            if (Find(mutant, first, seeds) is { } found)
            {
                Console.WriteLine($"caught {mutant.Name}: seed {found.Seed}, {found.Violation.Kind}: {found.Violation.Text}");
                continue;
            }

            missed++;
            Console.WriteLine($"MISSED {mutant.Name} in {seeds} seeds");
        }

        Console.WriteLine($"{AllMutants.List.Count - missed} of {AllMutants.List.Count} mutants are caught");
        return missed > 0 ? 1 : 0;
    }

    // A seed in which the product itself is at fault shows nothing.
    private static (int Seed, Violation Violation)? Find(Mutant mutant, int first, int seeds)
    {
        for (int seed = first; seed < first + seeds;)
        {
            Sweep sweep = new(seed, first + seeds - seed, mutant, UplinkKind.Stream, untilFound: true, TextWriter.Null);
            sweep.Run();
            if (sweep.Total.FailedSeeds.Count == 0)
                return null;
            foreach ((int failed, Violation violation) in sweep.Total.FailedSeeds)
            {
                Sweep product = new(failed, 1, Mutant.None, UplinkKind.Stream, untilFound: true, TextWriter.Null);
                product.Run();
                if (product.Total.FailedSeeds.Count == 0)
                    return (failed, violation);
                seed = failed + 1;
            }
        }

        return null;
    }
}
