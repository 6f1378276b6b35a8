using AvSdk.Mcap;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>Reading MCAP with LZ4, one thread, as a share of what bare liblz4 does with the same bytes.</summary>
internal static class McapReadRatios
{
    private const int TotalBytes = 32 << 20;
    private const int ChunkBytes = McapWriteRatios.ChunkBytes;

    public static void Measure(List<Ratio> ratios, List<string> notes)
    {
        if (!Peers.HasLz4)
        {
            notes.Add("MCAP reading against bare liblz4: liblz4.so.1 is not installed (apt-get install liblz4-1)");
            return;
        }

        Read(ratios, SensorBytes.Int16Samples(TotalBytes));
    }

    private static void Read(List<Ratio> ratios, byte[] source)
    {
        using MemoryStream file = new(source.Length * 2);
        McapWriteRatios.WriteFile(source, 10_000, new StreamSink(file));
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

    private static long ReadFile(byte[] bytes)
    {
        using McapIndexedReader reader = McapIndexedReader.Open(new MemorySource(bytes));
        long total = 0;
        using McapMessageCursor messages = reader.Read(new McapQuery());
        while (messages.MoveNext())
            total += messages.Current.Data.Length;
        return total;
    }
}
