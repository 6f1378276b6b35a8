using System.Diagnostics;
using System.Globalization;
using AvSdk.Ingestion;
using AvSdk.Recording;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// A start over what a kill left: a spool of segments, journal and ledgers of several recordings, none of which came to
/// its end. Made by a process that records and is killed; read from the disk, not from the cache, where this process may
/// empty that. Against our own limits.
/// </summary>
internal static class RestartRatios
{
    private const string DropCaches = "/proc/sys/vm/drop_caches";
    private const int Recordings = 3;
    private const long SegmentBytes = 64 << 20;
    private const long TornBytes = 256 << 20;
    private const int TornRounds = 5;
    private const long TailBytes = 100_000;

    public static async Task MeasureAsync(RatioSizes sizes, List<Ratio> ratios, List<string> notes, List<string> remarks)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("avsdk-bench-restart-");
        string spool = Path.Combine(folder.FullName, "spool");
        try
        {
            if (new DriveInfo(folder.FullName).AvailableFreeSpace < sizes.SpoolBytes + (4L << 30))
            {
                notes.Add($"the restart: {folder.FullName} has not the room for --spool-bytes {sizes.SpoolBytes} and 4 GiB more");
                return;
            }

            for (int recording = 0; recording < Recordings; recording++)
                await RecordUntilKilledAsync(spool, sizes.SpoolBytes / Recordings, SegmentBytes);
            bool isCold = await ForgetCacheAsync(isCold: true);
            string size = string.Create(CultureInfo.InvariantCulture, $"{BytesIn(spool) / 1e9:0.0} GB");
            await MeasureSdkAsync(spool, size, ratios);
            if (AgentRatios.FindAgent() is { } agent)
            {
                await RecordUntilKilledAsync(spool, 2 * SegmentBytes, SegmentBytes);
                await ForgetCacheAsync(isCold: true);
                await MeasureAgentAsync(agent, folder.FullName, size, ratios);
            }
            else
            {
                notes.Add("a restart of the agent: publish it first, or set AVSDK_AGENT");
            }

            Directory.Delete(spool, recursive: true);
            await MeasureTornAsync(spool, ratios);
            remarks.Add($"restart: {Recordings} killed recordings, chunks of 1 MiB, "
                + (isCold ? "nothing of the spool in the cache." : "the spool in the cache: not allowed to empty it."));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureSdkAsync(string spool, string size, List<Ratio> ratios)
    {
        long start = Stopwatch.GetTimestamp();
        using Process child = StartSelf(RestartChild.OpenVerb, spool);
        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            string what = line.Split(' ')[0];
            if (what == "accepted")
                ratios.Add(new Ratio("restart", $"start over {size} to the first accepted message", seconds, "s", "our limit", 1));
            else if (what == "durable")
                ratios.Add(new Ratio("restart_durable", "the same, until it is durable", seconds, "s", "our limit", 1));
            else if (what == "recovered")
                ratios.Add(new Ratio("restart_recovered", "the same, until everything is repaired behind it", seconds, "s", "", null));
        }

        await child.WaitForExitAsync();
        CodecRatios.Check(child.ExitCode == 0, "the process that starts over the spool failed");
    }

    /// <summary>The socket client was there before the agent, as sensors' processes are: it connects when it can.</summary>
    private static async Task MeasureAgentAsync(string agent, string folder, string size, List<Ratio> ratios)
    {
        string config = Path.Combine(folder, "agent.json");
        await File.WriteAllTextAsync(config, """
            {
              "vehicle": { "id": "bench" },
              "spool": { "folder": "spool" },
              "sources": [ { "type": "socket", "path": "ingest.sock" } ]
            }
            """);
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(
            new ProcessStartInfo(agent, ["run", "--config", config]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        try
        {
            string? line = await process.StandardOutput.ReadLineAsync();
            CodecRatios.Check(line?.StartsWith("recording ", StringComparison.Ordinal) == true, $"{agent} said {line}");
            ratios.Add(new Ratio("restart_agent", $"agent, start over {size} to recording", Since(start), "s", "our limit", 1));
            await using SocketRecorder recorder =
                await Recorder.ConnectAsync("unix:" + Path.Combine(folder, "ingest.sock"), CancellationToken.None);
            RecordingChannel channel = recorder.Channel(new ChannelSpec { Topic = "/first", MessageEncoding = "raw" });
            WriteResult result = channel.WriteRaw(new MessageStamp(1_000_000_000, 0, 1), "first"u8);
            CodecRatios.Check(result == WriteResult.Accepted, $"the first message was {result}");
            ratios.Add(new Ratio("restart_client", "the same, to a socket client's first accepted message", Since(start), "s", "our limit", 1));
            await recorder.FlushAsync(CancellationToken.None);
            ratios.Add(new Ratio("restart_client_durable", "the same, until it is durable in the agent", Since(start), "s", "our limit", 1));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private static async Task MeasureTornAsync(string spool, List<Ratio> ratios)
    {
        await RecordUntilKilledAsync(spool, TornBytes + (TornBytes / 32), 2 * TornBytes);
        FileInfo torn = new DirectoryInfo(spool).EnumerateFiles("*.mcap", SearchOption.AllDirectories).MaxBy(static file => file.Length)!;
        foreach (FileInfo other in new DirectoryInfo(spool).EnumerateFiles("*.mcap", SearchOption.AllDirectories))
        {
            if (other.FullName != torn.FullName)
                other.Delete();
        }

        using (FileStream file = new(torn.FullName, FileMode.Open))
            file.SetLength(Math.Min(file.Length, TornBytes) - TailBytes);
        double[] seconds = new double[TornRounds];
        for (int round = 0; round < TornRounds; round++)
            seconds[round] = await RecoverCopyAsync(spool, isCold: false);
        ratios.Add(new Ratio("recover_torn", "recovery of one torn segment of 256 MiB", Pair.Median(seconds), "s", "our limit", 0.5));
        ratios.Add(new Ratio(
            "recover_torn_cold", "the same, from the disk", await RecoverCopyAsync(spool, isCold: true), "s", "our limit", 0.5));
    }

    private static async Task<double> RecoverCopyAsync(string spool, bool isCold)
    {
        string copy = spool + "-copy";
        CopyFolder(spool, copy);
        // What a kill leaves was flushed but for its last second; a copy is not.
        await ForgetCacheAsync(isCold);
        try
        {
            long start = Stopwatch.GetTimestamp();
            await using LocalRecorder recorder =
                await LocalRecorder.OpenAsync(RestartChild.Options(copy, SegmentBytes), new RecorderPorts(), CancellationToken.None);
            while (!recorder.Status.Recovery.IsDone)
                await Task.Delay(1);
            RecoveryStatus recovery = recorder.Status.Recovery;
            CodecRatios.Check(recovery.BytesCut > 0 && recovery is { DamagedFiles: 0, Chunks: > 200 }, $"recovery found {recovery}");
            return Since(start);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    public static void CopyFolder(string from, string to)
    {
        foreach (FileInfo file in new DirectoryInfo(from).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            string path = Path.Combine(to, Path.GetRelativePath(from, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            file.CopyTo(path);
        }
    }

    private static async Task RecordUntilKilledAsync(string spool, long bytes, long segmentBytes)
    {
        using Process child = StartSelf(
            RestartChild.RecordVerb, spool, bytes.ToString(CultureInfo.InvariantCulture), segmentBytes.ToString(CultureInfo.InvariantCulture));
        string? line = await child.StandardOutput.ReadLineAsync();
        child.Kill();
        await child.WaitForExitAsync();
        CodecRatios.Check(line == "full", $"the process that was to record said {line ?? "nothing"}");
    }

    // Its errors go where ours go.
    private static Process StartSelf(params string[] args) =>
        Process.Start(new ProcessStartInfo(Environment.ProcessPath!, args) { RedirectStandardOutput = true })!;

    private static async Task<bool> ForgetCacheAsync(bool isCold)
    {
        using (Process sync = Process.Start("sync"))
            await sync.WaitForExitAsync();
        if (!isCold)
            return false;
        try
        {
            await File.WriteAllTextAsync(DropCaches, "3");
            return true;
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    private static long BytesIn(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length);

    private static double Since(long start) => Stopwatch.GetElapsedTime(start).TotalSeconds;
}
