using System.Diagnostics;
using AvSdk.Recording;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// What the interval contract costs: the same recording in memory lanes on a disk that is never asked to flush. Both in
/// one process, in turn, each into a folder of its own that is deleted before the next begins, so that nobody's written
/// pages are carried to the disk on the other's time.
/// </summary>
internal static class FlushRatios
{
    private const int MessageBytes = 10_000;
    private static readonly TimeSpan s_slow = TimeSpan.FromMilliseconds(20);

    public static async Task MeasureAsync(RatioSizes sizes, List<Ratio> ratios, List<string> remarks)
    {
        byte[] source = SensorBytes.Int16Samples(16 << 20);
        await RecordAsync(source, sizes.Bytes / 4, Disk.Real);
        await RecordAsync(source, sizes.Bytes / 4, Disk.WithoutFlush);
        (Paired wall, Paired cpu, long flushes) = await PairAsync(source, sizes, Disk.Real);
        ratios.Add(wall.As("interval", "interval recording, 10 KB messages", "MB/s", "without any flush"));
        ratios.Add(cpu.As("interval_cpu", "the same, CPU", "MB/CPU-s", "without any flush"));
        (Paired slow, _, long slowFlushes) = await PairAsync(source, sizes, Disk.Slow);
        ratios.Add(slow.As("interval_slow", "the same, each flush taking 20 ms longer", "MB/s", "without any flush"));
        remarks.Add($"interval recording: {flushes} flushes in the last round, {slowFlushes} of those that take 20 ms longer. "
            + "A disk that answers flushes from a cache makes the first figure better than a car's would be.");
    }

    private static async Task<(Paired Wall, Paired Cpu, long Flushes)> PairAsync(byte[] source, RatioSizes sizes, Disk disk)
    {
        int rounds = sizes.Rounds;
        double[] wall = new double[rounds], cpu = new double[rounds], theirWall = new double[rounds], theirCpu = new double[rounds];
        long flushes = 0;
        for (int round = 0; round < rounds; round++)
        {
            Side ours, theirs;
            if (round % 2 == 0)
            {
                ours = await RecordAsync(source, sizes.Bytes, disk);
                theirs = await RecordAsync(source, sizes.Bytes, Disk.WithoutFlush);
            }
            else
            {
                theirs = await RecordAsync(source, sizes.Bytes, Disk.WithoutFlush);
                ours = await RecordAsync(source, sizes.Bytes, disk);
            }

            flushes = ours.Flushes;
            (wall[round], cpu[round]) = (theirs.Seconds / ours.Seconds, theirs.CpuSeconds / ours.CpuSeconds);
            (theirWall[round], theirCpu[round]) = (theirs.Seconds, theirs.CpuSeconds);
        }

        return (ToPaired(sizes.Bytes, theirWall, wall), ToPaired(sizes.Bytes, theirCpu, cpu), flushes);
    }

    private static Paired ToPaired(long bytes, double[] theirSeconds, double[] ratios)
    {
        double theirs = Pair.MegabytesPerSecond(bytes, Pair.Median(theirSeconds));
        double ratio = Pair.Median(ratios);
        return new Paired(theirs * ratio, theirs, ratios[ratios.Length / 4], ratios[ratios.Length - 1 - (ratios.Length / 4)]);
    }

    private static async Task<Side> RecordAsync(byte[] source, long bytes, Disk disk)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("avsdk-bench-flush-");
        try
        {
            using TappedSpoolFiles files = new(folder.FullName)
            {
                Flushes = disk != Disk.WithoutFlush,
                FlushTime = disk == Disk.Slow ? s_slow : TimeSpan.Zero,
            };
            LaneOptions lane = new() { Name = "sensors", QuotaBytes = 1L << 40 };
            if (disk == Disk.WithoutFlush)
                lane = lane with { Durability = LaneDurability.Memory };
            RecorderOptions options = new() { VehicleId = "bench", Lanes = [lane] };
            LocalRecorder recorder =
                await LocalRecorder.OpenAsync(options, new RecorderPorts { Files = files }, CancellationToken.None);
            await using (recorder)
            {
                RecordingChannel channel = recorder.Channel(new ChannelSpec { Topic = "/samples", MessageEncoding = "raw" });
                long start = Stopwatch.GetTimestamp();
                TimeSpan cpu = Environment.CpuUsage.TotalTime;
                uint sequence = 0;
                for (long written = 0; written < bytes; written += MessageBytes)
                {
                    int at = (int)(written % (source.Length - MessageBytes));
                    MessageStamp stamp = new(1_000_000_000UL + (++sequence * 1000UL), 0, sequence);
                    WriteResult result = await channel.WriteRawAsync(stamp, source.AsMemory(at, MessageBytes), CancellationToken.None);
                    CodecRatios.Check(result == WriteResult.Accepted, $"a message was {result}");
                }

                await recorder.FlushAsync(CancellationToken.None);
                return new Side(
                    Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds,
                    files.FlushCount);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private enum Disk
    {
        Real,
        Slow,
        WithoutFlush,
    }

    private readonly record struct Side(double Seconds, double CpuSeconds, long Flushes);
}
