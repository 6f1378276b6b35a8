using AvSdk.Recording;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>Spools that wait for a link: their chunks do not compress, so a chunk is as long as its messages.</summary>
internal static class FullSpool
{
    public const string VehicleId = "bench";
    private const int BytesBetweenFlushes = 16 << 20;
    private static readonly byte[] s_noise = Noise();

    public static RecorderOptions Options(string folder, int chunkBytes) => new()
    {
        VehicleId = VehicleId,
        SpoolFolder = folder,
        Lanes =
        [
            RecorderOptions.DefaultLanes[0],
            new LaneOptions { Name = "sensors", ChunkBytes = chunkBytes, QuotaBytes = 1L << 40, ChunkWindow = TimeSpan.FromMinutes(1) },
        ],
        Upload = new UploadOptions { DrainTimeout = TimeSpan.Zero },
    };

    /// <summary>Records without an uplink.</summary>
    public static async Task FillAsync(string folder, long bytes, int chunkBytes)
    {
        // A dozen messages and their headers fill a chunk.
        const int MessagesPerChunk = 12;
        int messageBytes = (chunkBytes / MessagesPerChunk) - 64;
        await using LocalRecorder recorder = await LocalRecorder.OpenAsync(
            Options(folder, chunkBytes), new RecorderPorts(), CancellationToken.None);
        RecordingChannel channel =
            recorder.Channel(new ChannelSpec { Topic = "/noise", MessageEncoding = "raw", Lane = "sensors" });
        uint sequence = 0;
        for (long written = 0; written < bytes; written += messageBytes)
        {
            int at = (int)(written % (s_noise.Length - messageBytes));
            MessageStamp stamp = new(1_000_000_000UL + (++sequence * 100_000UL), 0, sequence);
            WriteResult result = await channel.WriteRawAsync(stamp, s_noise.AsMemory(at, messageBytes), CancellationToken.None);
            CodecRatios.Check(result == WriteResult.Accepted, $"a message was {result}");
            // A recorder that is short of memory closes its chunks early.
            if (sequence % (BytesBetweenFlushes / chunkBytes * MessagesPerChunk) == 0)
                await recorder.FlushAsync(CancellationToken.None);
        }

        long chunks = (sequence + MessagesPerChunk - 1) / MessagesPerChunk;
        await recorder.FlushAsync(CancellationToken.None);
        long made = recorder.Status.Lanes.Single(static lane => lane.Name == "sensors").PendingChunks;
        CodecRatios.Check(made == chunks, $"the spool has {made} chunks, not {chunks} of {chunkBytes} bytes");
    }

    private static byte[] Noise()
    {
        byte[] noise = new byte[16 << 20];
        new Random(2).NextBytes(noise);
        return noise;
    }
}
