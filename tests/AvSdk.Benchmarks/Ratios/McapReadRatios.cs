using AvSdk.Mcap;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>
/// Reading MCAP with LZ4, one thread, as a share of what bare liblz4 does with the same bytes; and the other ways of
/// reading against that.
/// </summary>
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
        byte[] bytes = Write(source, 10_000, ChunkCompression.Lz4);
        byte[] compressed = new byte[ChunkBytes * 2];
        int compressedBytes = Peers.Lz4Compress(source.AsSpan(0, ChunkBytes), compressed);
        byte[] decompressed = new byte[ChunkBytes];

        long read = 0;
        ratios.Add(Pair.Throughput(
            source.Length,
            () => read = ReadAll(new MemorySource(bytes)),
            () => CodecRatios.Repeat(
                source.Length / ChunkBytes,
                () => Peers.Lz4Decompress(compressed.AsSpan(0, compressedBytes), decompressed)))
            .As("mcap_read", "MCAP read LZ4 in log-time order, every CRC checked", "MB/s", "bare liblz4"));
        CodecRatios.Check(read == source.Length / 10_000 * 10_000L, "the MCAP reading lost bytes");
        ratios.Add(Pair.Throughput(
            source.Length,
            () => read = ReadAll(new MemorySource(bytes), new McapReadOptions { ReadAhead = 2 }),
            () => ReadAll(new MemorySource(bytes)))
            .As("mcap_read_ahead", "the same with two chunks read ahead", "MB/s", "without"));
        ratios.Add(Pair.Throughput(
            source.Length,
            () => read = ReadAll(new MemorySource(bytes), new McapReadOptions { ReadAhead = 0 }, McapOrder.ReverseLogTime),
            () => ReadAll(new MemorySource(bytes)))
            .As("mcap_read_reverse", "MCAP read LZ4 in reverse", "MB/s", "forward"));

        byte[] small = Write(source, 100, ChunkCompression.Lz4);
        double rate = Pair.Throughput(
            source.Length / 100, () => read = ReadAll(new MemorySource(small)), () => ReadAll(new MemorySource(bytes))).Ours;
        ratios.Add(new Ratio("mcap_read_100_rate", "MCAP read LZ4, 100 B messages", rate, "M msg/s", "", null));
        CodecRatios.Check(read == source.Length / 100 * 100L, "the MCAP reading lost messages");
        FromDisk(ratios, bytes, Write(source, 10_000, ChunkCompression.None), source.Length);
    }

    private static void FromDisk(List<Ratio> ratios, byte[] compressed, byte[] plain, int sourceBytes)
    {
        string path = Path.Combine(Path.GetTempPath(), $"avsdk-{Guid.NewGuid():N}.mcap");
        try
        {
            File.WriteAllBytes(path, compressed);
            ratios.Add(Mapped(path, sourceBytes).As(
                "mcap_read_mapped", "MCAP read LZ4, mapped file", "MB/s", "the same file, read"));
            File.WriteAllBytes(path, plain);
            ratios.Add(Mapped(path, sourceBytes).As(
                "mcap_read_plain_mapped", "MCAP read uncompressed with CRC, mapped file", "MB/s", "the same file, read"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Paired Mapped(string path, int sourceBytes)
    {
        using MappedSource mapped = new(path);
        using FileSource file = new(path);
        return Pair.Throughput(sourceBytes, () => ReadAll(mapped), () => ReadAll(file));
    }

    private static byte[] Write(byte[] source, int messageBytes, ChunkCompression compression)
    {
        using MemoryStream file = new(source.Length * 2);
        McapWriterOptions options = new() { ChunkBytes = ChunkBytes, Compression = compression };
        McapWriteRatios.WriteFile(source, messageBytes, new StreamSink(file), options);
        return file.ToArray();
    }

    private static long ReadAll(IMcapSource source, McapReadOptions? options = null, McapOrder order = McapOrder.LogTime)
    {
        using McapIndexedReader reader = McapIndexedReader.Open(source, options);
        long total = 0;
        using McapMessageCursor messages = reader.Read(new McapQuery { Order = order });
        while (messages.MoveNext())
            total += messages.Current.Data.Length;
        return total;
    }
}
