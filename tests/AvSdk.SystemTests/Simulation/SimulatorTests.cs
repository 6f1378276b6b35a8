using System.Globalization;
using System.Text.Json;
using AvSdk.SystemTests.Examples;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Simulation;

/// <summary>
/// The simulator itself: a product that is broken on purpose is caught, the one that is not is not, and a seed is the same
/// run every time. Its sweep of many seeds is a step of <c>.ci/run</c>.
/// </summary>
public sealed class SimulatorTests
{
    // More than the one seed that is known to catch it: a change of the product moves what happens when.
    private const int SeedsMax = 120;

    // Of a process, so that it ends in time on a machine that is shared.
    private const int SeedsAtOnce = 15;

    private static readonly Executable s_simulation = new(
        Path.Combine(
            SharedFiles.RepositoryRoot, "tests", "AvSdk.Simulation", "bin", ExampleProgram.Configuration, "net10.0",
            "AvSdk.Simulation"),
        "build output", new Dictionary<string, string>());

    /// <summary>Each broken build, and the first seed that catches it.</summary>
    public static TheoryData<string, int> Mutants() => new()
    {
        { "receipt-before-row", 3 },
        { "receipt-before-bytes", 4 },
        { "failed-flush-taken-for-good", 6 },
        { "segments-never-flushed", 13 },
        { "journal-never-flushed", 101 },
        { "ledger-never-flushed", 49 },
        { "segment-deleted-in-silence", 2 },
        { "torn-segment-sealed", 51 },
        { "receipt-without-gateway", 3 },
        { "link-that-falls-silent", 1 },
        { "no-dedupe", 3 },
        { "sequences-swapped", 1 },
        { "bit-flipped-in-store", 2 },
        { "memory-over-its-bound", 4 },
        { "ledger-forgets-a-drop", 3 },
    };

    [Theory]
    [MemberData(nameof(Mutants))]
    public async Task A_broken_build_is_caught(string mutant, int seed)
    {
        bool isFound = false;
        for (int first = seed; first < seed + SeedsMax && !isFound; first += SeedsAtOnce)
            isFound = (await RunAsync(first, SeedsAtOnce, "--mutant", mutant, "--until-found"))[^1].Violations.Length > 0;
        Assert.True(isFound, $"{mutant} goes through seeds {seed} to {seed + SeedsMax - 1}");
    }

    [Fact]
    public async Task Every_broken_build_is_among_them()
    {
        await using TestProcess list = await TestProcess.RunAsync(s_simulation, "--list-mutants");
        Assert.Equal(
            Mutants().Select(static row => row.Data.Item1).Order(StringComparer.Ordinal),
            list.Output.Split('\n').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("stream")]
    [InlineData("mqtt")]
    public async Task The_build_as_it_is_loses_doubles_reorders_and_leaves_unexplained_nothing(string uplink)
    {
        await using TestProcess sweep = await TestProcess.RunAsync(s_simulation, "--seeds", "12", "--uplink", uplink);
        Assert.True(sweep.ExitCode == 0, sweep.Describe());
        Assert.EndsWith("lost 0, duplicated 0, reordered 0, unexplained 0", sweep.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stream")]
    [InlineData("mqtt")]
    public async Task A_seed_is_the_same_run_every_time_whatever_ran_before_it(string uplink)
    {
        List<SeedRun> first = await RunAsync(1, 8, "--uplink", uplink);
        List<SeedRun> again = await RunAsync(6, 3, "--uplink", uplink);
        Assert.Equal(first[5..].Select(static run => run.Hash), again.Select(static run => run.Hash));
        Assert.Distinct(first.Select(static run => run.Hash));
        Assert.True(first.Sum(static run => run.Stored) > 1000);
    }

    private static async Task<List<SeedRun>> RunAsync(int first, int count, params string[] more)
    {
        string[] arguments =
        [
            "--child", "--first-seed", first.ToString(CultureInfo.InvariantCulture), "--seeds",
            count.ToString(CultureInfo.InvariantCulture), .. more,
        ];
        await using TestProcess process = await TestProcess.RunAsync(s_simulation, arguments);
        Assert.True(process.ExitCode == 0, process.Describe());
        return [.. process.Output.Split('\n').Select(static line => JsonSerializer.Deserialize<SeedRun>(line)!)];
    }

    /// <summary>What the simulator says of a run.</summary>
    private sealed record SeedRun(int Seed, string Hash, long Stored, JsonElement[] Violations);
}
