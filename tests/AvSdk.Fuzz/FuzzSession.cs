using System.Diagnostics;

namespace AvSdk.Fuzz;

/// <summary>Runs a subject on all workers, keeps the inputs that fail, and notices a run that does not end.</summary>
public sealed class FuzzSession(IFuzzSubject subject, FuzzOptions options, TextWriter output)
{
    private const int FailuresMax = 10;
    private const int HangMilliseconds = 60_000;

    private readonly long[] _running = new long[options.Workers];
    private readonly long[] _since = new long[options.Workers];
    private readonly Lock _failing = new();
    private long _next;
    private int _failures;

    /// <summary>Runs them all; returns how many failed.</summary>
    public int Run()
    {
        foreach (long run in RunningFile.TakeLeft(options.Artifacts, subject.Name))
            output.WriteLine($"a process died in or beside run {run} of its seed: {Replay(run)}");
        using RunningFile running = new(options.Artifacts, subject.Name, options.Workers);
        long start = Stopwatch.GetTimestamp();
        Array.Fill(_running, -1);
        Thread[] workers = [.. Enumerable.Range(0, options.Workers).Select(w => new Thread(() => Work(w, running), 4 << 20))];
        using Timer watchdog = new(_ => LookForHangs(), null, 1000, 1000);
        foreach (Thread worker in workers)
            worker.Start();
        foreach (Thread worker in workers)
            worker.Join();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long runs = Math.Min(_next, options.Runs);
        output.WriteLine($"{subject.Name}: {runs} runs, seed {options.Seed}, {_failures} failed, {seconds:0.0} s, "
            + $"{runs / seconds:0} runs/s on {options.Workers} workers, at most {Budget.MostBytes >> 10} KiB a call");
        return _failures;
    }

    private void Work(int worker, RunningFile running)
    {
        while (Volatile.Read(ref _failures) < FailuresMax)
        {
            long number = Interlocked.Increment(ref _next) - 1;
            if (number >= options.Runs)
                break;
            long run = options.FirstRun + number;
            Volatile.Write(ref _since[worker], Environment.TickCount64);
            Volatile.Write(ref _running[worker], run);
            running.Set(worker, run);
            RunOne(run);
        }

        Volatile.Write(ref _running[worker], -1);
        running.Set(worker, -1);
    }

    private void RunOne(long run)
    {
        FuzzRandom random = new(options.Seed, run);
        FuzzCase input = subject.Make(random);
        if (options.Runs == 1)
            output.WriteLine($"run {run}: {input} ({input.Bytes.Length} bytes)");
        try
        {
            subject.Try(input, random);
        }
        catch (Exception e)
        {
            Report(run, input, e);
        }
    }

    private void Report(long run, FuzzCase input, Exception e)
    {
        lock (_failing)
        {
            _failures++;
            output.WriteLine($"FAILED run {run}: {input}");
            output.WriteLine(e is BrokenPromiseException ? e.Message : e.ToString());
            output.WriteLine($"  replay: {Replay(run)}");
            try
            {
                Directory.CreateDirectory(options.Artifacts);
                string path = Path.Combine(options.Artifacts, $"{subject.Name}-{options.Seed}-{run}.bin");
                File.WriteAllBytes(path, input.Bytes);
                output.WriteLine($"  input:  {path}");
            }
            catch (IOException io)
            {
                output.WriteLine($"  the input could not be kept: {io.Message}");
            }
        }
    }

    private string Replay(long run) =>
        $"dotnet run -c Release --project tests/AvSdk.Fuzz -- {subject.Name} --seed {options.Seed} --first-run {run} --runs 1";

    // A hang cannot be taken back: the process ends, and says what to replay.
    private void LookForHangs()
    {
        for (int worker = 0; worker < _running.Length; worker++)
        {
            long run = Volatile.Read(ref _running[worker]);
            if (run < 0 || Environment.TickCount64 - Volatile.Read(ref _since[worker]) < HangMilliseconds)
                continue;
            output.WriteLine($"HANGS: run {run}\n  replay: {Replay(run)}");
            output.Flush();
            Environment.Exit(3);
        }
    }
}
