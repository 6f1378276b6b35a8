using AvSdk.Mcap;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// Writing MCAP with LZ4, one thread, as a share of what bare liblz4 does with the same bytes: what is missing to 1
/// is the price of records, indexes and CRCs.
/// </summary>
internal static class McapWriteRatios
{
    internal const int ChunkBytes = 4 << 20;
    private const int TotalBytes = 32 << 20;

    public static void Measure(List<Ratio> ratios, List<string> notes)
    {
        if (!Peers.HasLz4)
        {
            notes.Add("MCAP writing against bare liblz4: liblz4.so.1 is not installed (apt-get install liblz4-1)");
            return;
        }

        byte[] source = SensorBytes.Int16Samples(TotalBytes);
        foreach ((int messageBytes, string name) in new[] { (100, "100 B"), (10_000, "10 KB"), (1_000_000, "1 MB") })
            Write(ratios, source, messageBytes, name);
    }

    internal static void WriteFile(byte[] source, int messageBytes, IMcapSink sink)
    {
        using McapWriter writer = new(sink, new McapWriterOptions { ChunkBytes = ChunkBytes });
        ushort channel = writer.AddChannel("/samples", "raw");
        ulong time = 1;
        for (int at = 0; at + messageBytes <= source.Length; at += messageBytes, time++)
            writer.WriteMessage(channel, (uint)time, time, time, source.AsSpan(at, messageBytes));
        writer.Finish();
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
