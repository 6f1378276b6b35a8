using System.Diagnostics;
using System.Globalization;
using System.Net;
using AvSdk.Recording;
using AvSdk.Uplink;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// A full spool over gRPC into a gateway, to the last receipt; against the same files posted as one HTTP/2 stream to a
/// Kestrel that only reads, and to one that hashes and stores every 4 MiB. In turn, from this process into another one,
/// after rounds that nobody times: both sides run for weeks.
/// </summary>
internal static class UplinkRatios
{
    private const int ChunkBytes = 4 << 20;
    private const int WarmUps = 2;

    public static async Task MeasureAsync(RatioSizes sizes, List<Ratio> ratios)
    {
        using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [UplinkChild.Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            string gateway = (await child.StandardOutput.ReadLineAsync())!;
            Uri sink = new((await child.StandardOutput.ReadLineAsync())!);
            using HttpClient http = new(new SocketsHttpHandler())
            {
                DefaultRequestVersion = HttpVersion.Version20,
                DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            for (int round = 0; round < WarmUps; round++)
                await RoundAsync(child, gateway, http, sink, sizes.Bytes, round);
            (Side Ours, Side Read, Side Stored)[] rounds = new (Side, Side, Side)[sizes.Rounds];
            for (int round = 0; round < rounds.Length; round++)
                rounds[round] = await RoundAsync(child, gateway, http, sink, sizes.Bytes, round);
            (Side, Side)[] read = [.. rounds.Select(static round => (round.Ours, round.Read))];
            (Side, Side)[] stored = [.. rounds.Select(static round => (round.Ours, round.Stored))];
            ratios.Add(Compare(read, static side => side.Bytes / side.Seconds / 1e6)
                .As("uplink", "gRPC uplink to the receipt, 4 MiB chunks", "MB/s", "bare HTTP/2 of the same"));
            ratios.Add(Compare(stored, static side => side.Bytes / side.Seconds / 1e6)
                .As("uplink_stored", "the same", "MB/s", "HTTP/2, hashed and stored"));
            ratios.Add(Compare(read, static side => side.CpuSeconds / side.Bytes * 1e9)
                .As("uplink_cpu", "the same, CPU of the vehicle's end", "CPU-s/GB", "bare HTTP/2, sender"));
            ratios.Add(Compare(read, static side => side.OtherCpuSeconds / side.Bytes * 1e9)
                .As("uplink_gateway_cpu", "the same, CPU of the gateway", "CPU-s/GB", "bare HTTP/2, reader"));
            ratios.Add(Compare(stored, static side => side.OtherCpuSeconds / side.Bytes * 1e9)
                .As("uplink_stored_cpu", "the same", "CPU-s/GB", "HTTP/2, hashed and stored"));
        }
        finally
        {
            child.StandardInput.Close();
            await child.WaitForExitAsync();
        }
    }

    private static Paired Compare((Side Ours, Side Theirs)[] rounds, Func<Side, double> figure)
    {
        double[] ratios = [.. rounds.Select(round => figure(round.Ours) / figure(round.Theirs))];
        double theirs = Pair.Median([.. rounds.Select(round => figure(round.Theirs))]);
        double ratio = Pair.Median(ratios);
        return new Paired(theirs * ratio, theirs, ratios[ratios.Length / 4], ratios[ratios.Length - 1 - (ratios.Length / 4)]);
    }

    private static async Task<(Side Ours, Side Read, Side Stored)> RoundAsync(
        Process child, string gateway, HttpClient http, Uri sink, long bytes, int round)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("avsdk-bench-uplink-");
        DirectoryInfo copy = Directory.CreateTempSubdirectory("avsdk-bench-uplink-");
        try
        {
            // Each is another recording: the gateway has none of it.
            await FullSpool.FillAsync(folder.FullName, bytes, ChunkBytes);
            // The files of an upload are its to delete.
            RestartRatios.CopyFolder(folder.FullName, copy.FullName);
            FileInfo[] files = [.. folder.EnumerateFiles("*.mcap", SearchOption.AllDirectories)];
            Uri store = new(sink, UplinkChild.StorePath);
            Side ours = default, read = default, stored = default;
            Func<Task>[] sides =
            [
                async () => ours = await MeasureAsync(child, () => UploadAsync(gateway, copy.FullName)),
                async () => read = await MeasureAsync(child, () => PostAsync(http, sink, files)),
                async () => stored = await MeasureAsync(child, () => PostAsync(http, store, files)),
            ];
            for (int side = 0; side < sides.Length; side++)
                await sides[(round + side) % sides.Length]();
            return (ours, read, stored);
        }
        finally
        {
            folder.Delete(recursive: true);
            copy.Delete(recursive: true);
        }
    }

    private static async Task<Side> MeasureAsync(Process child, Func<Task<long>> body)
    {
        double other = await CpuOfAsync(child);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        long bytes = await body();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Side(bytes, seconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, await CpuOfAsync(child) - other);
    }

    private static async Task<double> CpuOfAsync(Process child)
    {
        await child.StandardInput.WriteLineAsync("cpu");
        await child.StandardInput.FlushAsync();
        return double.Parse((await child.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
    }

    // From the start of the recorder: it finds the spool, connects and delivers.
    private static async Task<long> UploadAsync(string gateway, string folder)
    {
        RecorderPorts ports = new() { Uplink = new GrpcUplink(gateway) };
        await using LocalRecorder recorder =
            await LocalRecorder.OpenAsync(FullSpool.Options(folder, ChunkBytes), ports, CancellationToken.None);
        await recorder.DrainAsync(CancellationToken.None);
        return recorder.Status.Uplink.PartBytes;
    }

    private static async Task<long> PostAsync(HttpClient http, Uri sink, FileInfo[] files)
    {
        using FilesContent content = new(files);
        using HttpResponseMessage response = await http.PostAsync(sink, content);
        response.EnsureSuccessStatusCode();
        return files.Sum(static file => file.Length);
    }

    private readonly record struct Side(long Bytes, double Seconds, double CpuSeconds, double OtherCpuSeconds);

    private sealed class FilesContent(FileInfo[] files) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            byte[] part = new byte[256 << 10];
            foreach (FileInfo file in files)
            {
                using FileStream from = new(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
                while (from.Read(part) is > 0 and int bytes)
                    await stream.WriteAsync(part.AsMemory(0, bytes));
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
