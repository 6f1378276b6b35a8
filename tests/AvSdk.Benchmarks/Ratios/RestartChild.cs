using System.Diagnostics;
using System.Globalization;
using AvSdk.Recording;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// The process that is killed, and the one that starts after it: this program again, with other arguments. What it has
/// to say is a line of standard output each.
/// </summary>
internal static class RestartChild
{
    public const string RecordVerb = "restart-record";
    public const string OpenVerb = "restart-open";

    // One source throughout, so that recovery has positions to find.
    private static readonly Guid s_source = new("6f1d3c1e-0d8b-4c55-9a53-3f1f4a6f2b10");

    public static async Task<int> RunAsync(string[] args)
    {
        long start = Stopwatch.GetTimestamp();
        if (args[0] == RecordVerb)
        {
            await RecordAsync(
                args[1], long.Parse(args[2], CultureInfo.InvariantCulture), long.Parse(args[3], CultureInfo.InvariantCulture));
        }
        else
        {
            await OpenAsync(args[1], start);
        }

        return 0;
    }

    /// <summary>Chunks of a MiB, so that a spool has as many as one that is filled at 4 MB/s, a chunk a second and lane.</summary>
    public static RecorderOptions Options(string folder, long segmentBytes) => new()
    {
        VehicleId = "bench",
        SpoolFolder = folder,
        Lanes =
        [
            .. RecorderOptions.DefaultLanes.Select(lane =>
                lane with { ChunkBytes = 1 << 20, QuotaBytes = 1L << 40, SegmentBytesMax = segmentBytes }),
        ],
    };

    // Says "full" when the spool holds so many bytes of this run, and goes on until it is killed.
    private static async Task RecordAsync(string folder, long bytes, long segmentBytes)
    {
        await using LocalRecorder recorder =
            await LocalRecorder.OpenAsync(Options(folder, segmentBytes), new RecorderPorts(), CancellationToken.None);
        RecordingSource source = await recorder.OpenSourceAsync(s_source, CancellationToken.None);
        RecordingChannel camera = source.Channel(Spec("/camera", "sensors"));
        RecordingChannel imu = source.Channel(Spec("/imu", "telemetry"));
        RecordingChannel events = source.Channel(Spec("/events", "events"));
        // Neither is compressed: like a camera's pictures, and as fast as the disk takes it.
        byte[] noise = new byte[8 << 20];
        new Random(1).NextBytes(noise);
        long written = 0;
        bool isFull = false;
        for (uint sequence = 1; ; sequence++)
        {
            bool isImu = sequence % 64 != 0;
            (RecordingChannel channel, int length) = sequence % 65536 == 0 ? (events, 200) : isImu ? (imu, 200) : (camera, 60_000);
            int at = (int)(written % (noise.Length - length));
            MessageStamp stamp = new(1_000_000_000UL + (sequence * 100_000UL), 0, sequence);
            await channel.WriteRawAsync(stamp, noise.AsMemory(at, length), CancellationToken.None);
            written += length;
            if (isFull || written < bytes)
                continue;
            isFull = true;
            Console.WriteLine("full");
        }
    }

    private static async Task OpenAsync(string folder, long start)
    {
        await using LocalRecorder recorder =
            await LocalRecorder.OpenAsync(Options(folder, 64 << 20), new RecorderPorts(), CancellationToken.None);
        Task<RecordingSource> source = recorder.OpenSourceAsync(s_source, CancellationToken.None).AsTask();
        RecordingChannel channel = recorder.Channel(Spec("/first", "telemetry"));
        WriteResult result = channel.WriteRaw(new MessageStamp(1_000_000_000, 0, 1), "first"u8);
        CodecRatios.Check(result == WriteResult.Accepted, $"the first message was {result}");
        Say("accepted", start);
        await recorder.FlushAsync(CancellationToken.None);
        Say("durable", start);
        await source;
        Say("source", start);
        while (!recorder.Status.Recovery.IsDone)
            await Task.Delay(1);
        RecoveryStatus recovery = recorder.Status.Recovery;
        CodecRatios.Check(recovery.DamagedFiles == 0 && recovery.Chunks > 0, $"recovery found {recovery}");
        Say("recovered", start);
    }

    private static void Say(string what, long start) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0}"));

    private static ChannelSpec Spec(string topic, string lane) => new() { Topic = topic, MessageEncoding = "raw", Lane = lane };
}
