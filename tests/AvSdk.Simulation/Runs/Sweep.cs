using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using AvSdk.Simulation.Checks;
using AvSdk.Simulation.Mutants;

namespace AvSdk.Simulation.Runs;

/// <summary>
/// Many seeds, over two child processes, each of which has one thread to run on. A child that is stuck or dies
/// costs its seed; the rest goes on in another.
/// </summary>
internal sealed class Sweep
{
    private const int SeedsPerChild = 25;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly Lock _gate = new();
    private readonly Queue<(int First, int Count)> _batches = new();
    private readonly Mutant _mutant;
    private readonly UplinkKind _uplink;
    private readonly bool _untilFound;
    private readonly TextWriter _progress;
    private readonly int _children = Math.Max(1, Math.Min(2, Environment.ProcessorCount));
    private readonly long _begin = Stopwatch.GetTimestamp();
    private readonly int _seeds;

    public Sweep(int first, int seeds, Mutant mutant, UplinkKind uplink, bool untilFound, TextWriter progress)
    {
        _mutant = mutant;
        _uplink = uplink;
        _untilFound = untilFound;
        _progress = progress;
        _seeds = seeds;
        int batch = Math.Clamp(seeds / _children, 1, SeedsPerChild);
        for (int at = 0; at < seeds; at += batch)
            _batches.Enqueue((first + at, Math.Min(batch, seeds - at)));
    }

    public Total Total { get; } = new();

    public void Run()
    {
        Thread[] threads = [.. Enumerable.Range(0, _children).Select(_ => new Thread(Work))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Total.RealSeconds = Stopwatch.GetElapsedTime(_begin).TotalSeconds;
    }

    private void Work()
    {
        while (TryTake(out (int First, int Count) batch))
        {
            int next = batch.First, end = batch.First + batch.Count;
            while (next < end && !IsFound)
                next = RunChild(next, end - next);
        }
    }

    private bool IsFound
    {
        get
        {
            lock (_gate)
                return _untilFound && Total.FailedSeeds.Count > 0;
        }
    }

    private bool TryTake(out (int First, int Count) batch)
    {
        lock (_gate)
            return _batches.TryDequeue(out batch);
    }

    // Returns the seed after the last that is answered for.
    private int RunChild(int first, int count)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(Sweep).Assembly.Location);
        string[] arguments =
        [
            "--child", "--first-seed", Text(first), "--seeds", Text(count), "--mutant", _mutant.Name, "--uplink", _uplink.ToString(),
            .. _untilFound ? new[] { "--until-found" } : [],
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["DOTNET_TieredPGO"] = "0";
        using Process child = Process.Start(start)!;
        // The child's own watchdog is faster; this is for one that does not even get that far.
        using Timer patience = new(_ => child.Kill(), null, s_patience, Timeout.InfiniteTimeSpan);
        int next = first;
        string last = "";
        while (child.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith('{'))
            {
                last = line;
                continue;
            }

            patience.Change(s_patience, Timeout.InfiniteTimeSpan);
            Add(JsonSerializer.Deserialize<RunReport>(line)!);
            next++;
        }

        child.WaitForExit();
        if (child.ExitCode == 0)
            return first + count;
        Add(new RunReport
        {
            Seed = next,
            Violations = [new Violation(ViolationKind.Unexplained, $"The process ended with {child.ExitCode}: {last}")],
        });
        return next + 1;
    }

    private void Add(RunReport report)
    {
        lock (_gate)
        {
            Total.Add(report);
            if (Total.Runs % 100 == 0 && !_untilFound)
            {
                _progress.WriteLine(
                    $"{Total.Runs} of {_seeds} runs, {Stopwatch.GetElapsedTime(_begin).TotalSeconds:F0} s, "
                    + $"{Total.FailedSeeds.Count} failed");
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
