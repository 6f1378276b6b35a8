using System.Diagnostics;
using System.Globalization;
using AvSdk.Ingestion;
using AvSdk.Sources;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>The agent as it is deployed: its size, its start, its memory at 4 MB/s; against our own limits.</summary>
internal static class AgentRatios
{
    private const int Starts = 7;
    private static readonly TimeSpan s_loadTime = TimeSpan.FromSeconds(15);

    public static async Task MeasureAsync(List<Ratio> ratios, List<string> notes)
    {
        if (FindAgent() is not { } agent)
        {
            notes.Add("the agent: publish it first, dotnet publish agent/AvAgent -c Release -r linux-x64 -o artifacts/agent, or set AVSDK_AGENT");
            return;
        }

        ratios.Add(new Ratio("agent_size", "agent, one executable", new FileInfo(agent).Length / 1e6, "MB", "our limit", 20));
        double[] starts = new double[Starts];
        for (int i = 0; i < Starts; i++)
            starts[i] = await WithAgentAsync(agent, (_, _, elapsed) => Task.FromResult(elapsed.TotalMilliseconds));
        ratios.Add(new Ratio("agent_start", "agent, start to recording", Pair.Median(starts), "ms", "our limit", 50));

        ratios.Add(new Ratio(
            "agent_rss", "agent, peak RSS over 15 s at 4 MB/s", await WithAgentAsync(agent, DriveAsync), "MB", "our limit", 50));
    }

    /// <summary>
    /// A simulated vehicle in this process writes to the agent's socket in real time, as a car's sensors would.
    /// Returns the agent's peak RSS, MB.
    /// </summary>
    private static async Task<double> DriveAsync(Process process, string socket, TimeSpan started)
    {
        await using SocketRecorder recorder = await Recorder.ConnectAsync("unix:" + socket, CancellationToken.None);
        SimulatedVehicle vehicle = new(new SimulatedVehicleOptions { Duration = s_loadTime });
        Task<SourceProgress> drive = vehicle.RunAsync(recorder, rate: 1, TimeProvider.System, null, CancellationToken.None);
        double peak = 0;
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(250));
        while (!drive.IsCompleted && await timer.WaitForNextTickAsync())
            peak = Math.Max(peak, ResidentMegabytes(process.Id));
        SourceProgress done = await drive;
        await recorder.FlushAsync(CancellationToken.None);
        CodecRatios.Check(done.Dropped == 0 && recorder.Ledger.Dropped == 0, "messages were dropped");
        CodecRatios.Check(done.Bytes > 3e6 * s_loadTime.TotalSeconds, "the vehicle was slower than it should be");
        return peak;
    }

    public static string? FindAgent()
    {
        string? named = Environment.GetEnvironmentVariable("AVSDK_AGENT");
        if (named is not null)
            return File.Exists(named) ? named : null;
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string published = Path.Combine(at.FullName, "artifacts", "agent", "avagent");
            if (File.Exists(published))
                return published;
        }

        return null;
    }

    /// <summary>Runs the agent, hands it and its socket over when it records, and ends it.</summary>
    private static async Task<double> WithAgentAsync(string agent, Func<Process, string, TimeSpan, Task<double>> measure)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("avsdk-bench-agent-");
        string config = Path.Combine(folder.FullName, "agent.json");
        await File.WriteAllTextAsync(config, """
            {
              "vehicle": { "id": "bench" },
              "spool": { "folder": "spool" },
              "sources": [ { "type": "socket", "path": "ingest.sock" } ]
            }
            """);
        ProcessStartInfo info = new(agent, ["run", "--config", config]) { RedirectStandardOutput = true, RedirectStandardError = true };
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(info)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        try
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.StartsWith("recording ", StringComparison.Ordinal))
                    return await measure(process, Path.Combine(folder.FullName, "ingest.sock"), Stopwatch.GetElapsedTime(start));
            }

            throw new InvalidOperationException($"{agent} ended before it recorded; run it with {config} to see why.");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }

    private static double ResidentMegabytes(int processId)
    {
        string line = File.ReadLines($"/proc/{processId}/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
