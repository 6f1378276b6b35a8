using AvSdk.Mcap;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// Writing and reading MCAP with LZ4, one thread, as a share of what bare liblz4 does with the same bytes: what is
/// missing to 1 is the price of records, indexes and CRCs.
/// </summary>
internal static class McapRatios
{
    private const int TotalBytes = 32 << 20;
    private const int ChunkBytes = 4 << 20;

    public static void Measure(List<Ratio> ratios, List<string> notes)
    {
        if (!Peers.HasLz4)
        {
            notes.Add("MCAP against bare liblz4: liblz4.so.1 is not installed (apt-get install liblz4-1)");
            return;
        }

        byte[] source = SensorBytes.Int16Samples(TotalBytes);
        foreach ((int messageBytes, string name) in new[] { (100, "100 B"), (10_000, "10 KB"), (1_000_000, "1 MB") })
            Write(ratios, source, messageBytes, name);
        Read(ratios, source);
    }

    private static void Write(List<Ratio> ratios, byte[] source, int messageBytes, string name)
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
    }

    private static void Read(List<Ratio> ratios, byte[] source)
    {
        using MemoryStream file = new(source.Length * 2);
        WriteFile(source, 10_000, new StreamSink(file));
        byte[] bytes = file.ToArray();

        byte[] compressed = new byte[ChunkBytes * 2];
        int compressedBytes = Peers.Lz4Compress(source.AsSpan(0, ChunkBytes), compressed);
        byte[] decompressed = new byte[ChunkBytes];

        long read = 0;
        (double ours, double theirs) = Pair.Throughput(
            source.Length,
            () => read = ReadFile(bytes),
            () => CodecRatios.Repeat(
                source.Length / ChunkBytes,
                () => Peers.Lz4Decompress(compressed.AsSpan(0, compressedBytes), decompressed)),
            rounds: 5);
        CodecRatios.Check(read == source.Length / 10_000 * 10_000L, "the MCAP reading lost bytes");
        ratios.Add(new Ratio("mcap_read", "MCAP read LZ4 in log-time order, every CRC checked", ours, "MB/s", "bare liblz4", theirs));
    }

    private static void WriteFile(byte[] source, int messageBytes, IMcapSink sink)
    {
        using McapWriter writer = new(sink, new McapWriterOptions { ChunkBytes = ChunkBytes });
        ushort channel = writer.AddChannel("/samples", "raw");
        ulong time = 1;
        for (int at = 0; at + messageBytes <= source.Length; at += messageBytes, time++)
            writer.WriteMessage(channel, (uint)time, time, time, source.AsSpan(at, messageBytes));
        writer.Finish();
    }

    private static long ReadFile(byte[] bytes)
    {
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(bytes));
        long total = 0;
        using McapMessageCursor messages = reader.Read(new McapQuery());
        while (messages.MoveNext())
            total += messages.Current.Data.Length;
        return total;
    }

    private static void CompressInChunks(ReadOnlySpan<byte> source, byte[] output)
    {
        for (int at = 0; at < source.Length; at += ChunkBytes)
            Peers.Lz4Compress(source.Slice(at, Math.Min(ChunkBytes, source.Length - at)), output);
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
