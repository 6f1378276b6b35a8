using AvSdk.Mcap;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// Writing MCAP with LZ4 as a share of what bare liblz4 does with the same bytes: what is missing to 1 is the price of
/// records, indexes and CRCs. Then two workers against one thread, and plain chunks against a copy, a CRC and a write.
/// </summary>
internal static class McapWriteRatios
{
    internal const int ChunkBytes = 4 << 20;
    private const int TotalBytes = 32 << 20;
    private const double SmallMessagesGoal = 4;

    public static void Measure(List<Ratio> ratios, List<string> notes)
    {
        byte[] source = SensorBytes.Int16Samples(TotalBytes);
        if (Peers.HasLz4)
        {
            foreach ((int messageBytes, string name) in new[] { (100, "100 B"), (10_000, "10 KB"), (1_000_000, "1 MB") })
                Compressed(ratios, source, messageBytes, name);
            SmallMessages(ratios, source);
        }
        else
        {
            notes.Add("MCAP writing against bare liblz4: liblz4.so.1 is not installed (apt-get install liblz4-1)");
        }

        Workers(ratios, notes, source);
        foreach ((int messageBytes, string name) in new[] { (10_000, "10 KB"), (1_000_000, "1 MB") })
            Plain(ratios, source, messageBytes, name);
    }

    internal static void WriteFile(byte[] source, int messageBytes, IMcapSink sink) =>
        WriteFile(source, messageBytes, sink, new McapWriterOptions { ChunkBytes = ChunkBytes });

    internal static void WriteFile(byte[] source, int messageBytes, IMcapSink sink, McapWriterOptions options)
    {
        using McapWriter writer = new(sink, options);
        ushort channel = writer.AddChannel("/samples", "raw");
        ulong time = 1;
        for (int at = 0; at + messageBytes <= source.Length; at += messageBytes, time++)
            writer.WriteMessage(channel, (uint)time, time, time, source.AsSpan(at, messageBytes));
        writer.Finish();
    }

    private static void Compressed(List<Ratio> ratios, byte[] source, int messageBytes, string name)
    {
        byte[] peerOutput = new byte[ChunkBytes * 2];
        int total = source.Length / messageBytes * messageBytes;
        (double ours, double theirs) = Pair.Throughput(
            total,
            () => WriteFile(source, messageBytes, new CountingSink()),
            () => CompressInChunks(source.AsSpan(0, total), peerOutput),
            rounds: 5);
        ratios.Add(new Ratio(
            $"mcap_write_{messageBytes}", $"MCAP write LZ4, {name} messages", ours, "MB/s", "bare liblz4", theirs));
        if (messageBytes == 100)
        {
            ratios.Add(new Ratio("mcap_write_100_rate", $"MCAP write LZ4, {name} messages", ours / messageBytes,
                "M msg/s", "the goal", SmallMessagesGoal));
        }
    }

    // The 31 bytes before each payload have to be compressed too: here the peer gets them as well.
    private static void SmallMessages(List<Ratio> ratios, byte[] source)
    {
        const int MessageBytes = 100;
        byte[] peerOutput = new byte[ChunkBytes * 2];
        using ChunkBuilder builder = new();
        int messages = source.Length / MessageBytes;
        System.Buffers.ArrayBufferWriter<byte> body = new();
        for (int i = 0; i < messages; i++)
            source.AsSpan(i * MessageBytes, MessageBytes).CopyTo(builder.AddMessage(1, (uint)i, (ulong)i, (ulong)i, MessageBytes));
        builder.WriteBody(ChunkCompression.None, body);
        byte[] records = body.WrittenSpan[^(builder.RecordBytes + (messages * 16) + 15)..].ToArray();
        (double ours, double theirs) = Pair.Throughput(
            messages * (long)MessageBytes,
            () => WriteFile(source, MessageBytes, new CountingSink()),
            () => CompressInChunks(records.AsSpan(0, builder.RecordBytes), peerOutput),
            rounds: 5);
        ratios.Add(new Ratio(
            "mcap_write_100_records", "MCAP write LZ4, 100 B messages", ours, "MB/s", "bare liblz4, record heads too", theirs));
    }

    private static void Workers(List<Ratio> ratios, List<string> notes, byte[] source)
    {
        if (Environment.ProcessorCount < 2)
        {
            notes.Add("two workers against one thread: this machine has one processor");
            return;
        }

        byte[] longer = [.. source, .. source, .. source, .. source];
        McapWriterOptions options = new() { ChunkBytes = ChunkBytes };
        (double ours, double theirs) = Pair.Throughput(
            longer.Length,
            () => WriteFile(longer, 10_000, new CountingSink(), options with { Workers = 2 }),
            () => WriteFile(longer, 10_000, new CountingSink(), options),
            rounds: 5);
        ratios.Add(new Ratio("mcap_write_workers_2", "MCAP write LZ4, 10 KB messages, two workers", ours, "MB/s", "one thread", theirs));

        (ours, theirs) = Pair.Throughput(
            longer.Length / 100 * 100,
            () => WriteFile(longer, 100, new CountingSink(), options with { Workers = 2 }),
            () => WriteFile(longer, 100, new CountingSink(), options),
            rounds: 5);
        ratios.Add(new Ratio(
            "mcap_write_100_workers_2", "MCAP write LZ4, 100 B messages, two workers", ours / 100, "M msg/s", "one thread",
            theirs / 100));
    }

    private static void Plain(List<Ratio> ratios, byte[] source, int messageBytes, string name)
    {
        string path = Path.Combine(Path.GetTempPath(), $"avsdk-{Guid.NewGuid():N}.mcap");
        byte[] buffer = new byte[ChunkBytes];
        McapWriterOptions options = new() { ChunkBytes = ChunkBytes, Compression = ChunkCompression.None };
        try
        {
            using DurableFile file = DurableFile.Create(path);
            NotFlushed sink = new(file);
            (double ours, double theirs) = Pair.Throughput(
                source.Length / messageBytes * messageBytes,
                () =>
                {
                    file.Truncate(0);
                    WriteFile(source, messageBytes, sink, options);
                },
                () =>
                {
                    file.Truncate(0);
                    CopyInChunks(source, buffer, file);
                });
            ratios.Add(new Ratio(
                $"mcap_write_plain_{messageBytes}", $"MCAP write uncompressed with CRC, {name} messages", ours, "MB/s",
                "memcpy + CRC + write", theirs));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void CompressInChunks(ReadOnlySpan<byte> source, byte[] output)
    {
        for (int at = 0; at < source.Length; at += ChunkBytes)
            Peers.Lz4Compress(source.Slice(at, Math.Min(ChunkBytes, source.Length - at)), output);
    }

    private static void CopyInChunks(byte[] source, byte[] buffer, DurableFile file)
    {
        uint crc = 0;
        for (int at = 0; at < source.Length; at += ChunkBytes)
        {
            int bytes = Math.Min(ChunkBytes, source.Length - at);
            source.AsSpan(at, bytes).CopyTo(buffer);
            crc = Crc32.Append(crc, buffer.AsSpan(0, bytes));
            file.Write(buffer.AsSpan(0, bytes));
        }

        CodecRatios.Check(crc != 0, "the CRC came out as 0");
    }

    // What is measured is writing, not how soon the disk has it.
    private sealed class NotFlushed(DurableFile file) : IMcapSink
    {
        public long Position => file.Position;

        public void Write(ReadOnlySpan<byte> bytes) => file.Write(bytes);

        public void Flush()
        {
        }
    }

    private sealed class CountingSink : IMcapSink
    {
        public long Position { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes) => Position += bytes.Length;

        public void Flush()
        {
        }
    }
}
