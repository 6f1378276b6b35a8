using System.Diagnostics;
using AvSdk.Mcap;
using AvSdk.Query;
using AvSdk.Recording;
using AvSdk.Testing;
using AvSdk.Uplink;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// The product's own path, end to end in one process: a message into the spool, into the gateway's store, and back out
/// of a query.
/// </summary>
internal static class RecordRatios
{
    private const int TotalBytes = 256 << 20;
    private const int MessageBytes = 10_000;
    private const int Rounds = 3;
    private static readonly ChannelSpec s_samples = new() { Topic = "/samples", MessageEncoding = "raw", Lane = "sensors" };

    public static async Task MeasureAsync(List<Ratio> ratios, List<string> notes)
    {
        byte[] source = SensorBytes.Int16Samples(16 << 20);
        List<double> spool = [];
        List<double> receipt = [];
        List<double> query = [];
        List<double> local = [];
        List<double> bare = [];
        List<double> firstMessage = [];
        for (int round = 0; round < Rounds; round++)
        {
            DirectoryInfo folder = Directory.CreateTempSubdirectory("avsdk-bench-");
            try
            {
                bare.Add(CompressAndWrite(source, Path.Combine(folder.FullName, "bare")));
                spool.Add(await RecordAsync(source, Path.Combine(folder.FullName, "spool-only"), null));
                await using InProcessGateway gateway = await InProcessGateway.StartAsync(CancellationToken.None);
                receipt.Add(await RecordAsync(source, Path.Combine(folder.FullName, "spool"), gateway));
                await using AvClient client = AvClient.Connect(gateway.Address.ToString());
                (double speed, double first) = await ReadAsync(client);
                query.Add(speed);
                firstMessage.Add(first);
                local.Add(ReadPacks(gateway));
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        ratios.Add(new Ratio("record_to_spool", "record to spool, 10 KB messages", Median(spool), "MB/s",
            Peers.HasLz4 ? "liblz4 + write, one thread" : "", Peers.HasLz4 ? Median(bare) : null));
        ratios.Add(new Ratio("record_to_receipt", "record to receipt, gRPC, loopback", Median(receipt), "MB/s", "record to spool", Median(spool)));
        ratios.Add(new Ratio("query", "query, every hash and CRC checked", Median(query), "MB/s", "reading the packs as files", Median(local)));
        ratios.Add(new Ratio("query_first_message", "query, time to the first message", Median(firstMessage), "ms", "", null));
        if (!Peers.HasLz4)
            notes.Add("record to spool against liblz4: liblz4.so.1 is not installed");
    }

    private static double Median(List<double> values) => Pair.Median([.. values]);

    private static async Task<double> RecordAsync(byte[] source, string spoolFolder, InProcessGateway? gateway)
    {
        RecorderOptions options = new() { VehicleId = "bench", SpoolFolder = spoolFolder };
        RecorderPorts ports = new() { Uplink = gateway is null ? null : new GrpcUplink(gateway.Address.ToString()) };
        LocalRecorder recorder = await LocalRecorder.OpenAsync(options, ports, CancellationToken.None);
        await using (recorder)
        {
            RecordingChannel channel = recorder.Channel(s_samples);
            long start = Stopwatch.GetTimestamp();
            long written = 0;
            for (uint sequence = 1; written + MessageBytes <= TotalBytes; sequence++, written += MessageBytes)
            {
                int at = (int)(written % (source.Length - MessageBytes));
                MessageStamp stamp = new(1_000_000_000UL + (sequence * 1000UL), 0, sequence);
                WriteResult result = await channel.WriteRawAsync(stamp, source.AsMemory(at, MessageBytes), CancellationToken.None);
                CodecRatios.Check(result == WriteResult.Accepted, $"a message was {result}");
            }

            await (gateway is null ? recorder.FlushAsync(CancellationToken.None) : recorder.DrainAsync(CancellationToken.None));
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            CodecRatios.Check(recorder.Ledger.Dropped == 0, "messages were dropped");
            return Pair.MegabytesPerSecond(written, seconds);
        }
    }

    private static async Task<(double MegabytesPerSecond, double FirstMilliseconds)> ReadAsync(AvClient client)
    {
        long start = Stopwatch.GetTimestamp();
        double first = 0;
        long bytes = 0;
        await foreach (RawMessage message in client.Query().Vehicles("bench").ReadRawAsync(CancellationToken.None))
        {
            if (bytes == 0)
                first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            bytes += message.Payload.Length;
        }

        CodecRatios.Check(bytes == TotalBytes / MessageBytes * (long)MessageBytes, "the query lost bytes");
        return (Pair.MegabytesPerSecond(bytes, Stopwatch.GetElapsedTime(start).TotalSeconds), first);
    }

    /// <summary>The same messages, read from the gateway's own files without a gateway.</summary>
    private static double ReadPacks(InProcessGateway gateway)
    {
        long start = Stopwatch.GetTimestamp();
        long bytes = 0;
        foreach (string pack in Directory.EnumerateFiles(gateway.DataFolder, "*.mcap", SearchOption.AllDirectories))
        {
            using FileStream stream = File.OpenRead(pack);
            using McapStreamReader reader = new(stream);
            try
            {
                while (reader.ReadMessage())
                    bytes += reader.Message.Data.Length;
            }
            catch (McapException)
            {
                // The open pack has no end yet: what stands in it was read.
            }
        }

        CodecRatios.Check(bytes == TotalBytes / MessageBytes * (long)MessageBytes, "the packs lack bytes");
        return Pair.MegabytesPerSecond(bytes, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static double CompressAndWrite(byte[] source, string path)
    {
        if (!Peers.HasLz4)
            return 0;
        const int chunkBytes = 4 << 20;
        byte[] output = new byte[chunkBytes * 2];
        long start = Stopwatch.GetTimestamp();
        using (FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            for (long written = 0; written < TotalBytes; written += chunkBytes)
            {
                int bytes = Peers.Lz4Compress(source.AsSpan((int)(written % source.Length), chunkBytes), output);
                file.Write(output, 0, bytes);
            }
        }

        return Pair.MegabytesPerSecond(TotalBytes, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
