using AvSdk.Lz4;
using AvSdk.Mcap;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>LZ4 against liblz4 and CRC-32 against libz, one thread, in this process, on the same bytes.</summary>
internal static class CodecRatios
{
    private const int BlockBytes = 4 << 20;

    public static void Measure(List<Ratio> ratios, List<string> notes)
    {
        byte[] synthetic = SensorBytes.Int16Samples(BlockBytes);
        if (!Peers.HasLz4)
        {
            notes.Add("LZ4 against liblz4: liblz4.so.1 is not installed (apt-get install liblz4-1)");
        }
        else
        {
            Lz4(ratios, "samples", "int16 samples", synthetic);
            if (SensorBytes.DriveFile() is { } drive)
                Lz4(ratios, "drive", "a real drive", File.ReadAllBytes(drive).AsSpan(0, BlockBytes).ToArray());
        }

        if (!Peers.HasZlib)
        {
            notes.Add("CRC-32 against libz: libz.so.1 is not installed (apt-get install zlib1g)");
            return;
        }

        uint ours = 0;
        uint theirs = 0;
        (double a, double b) = Pair.Throughput(
            synthetic.Length * 8L,
            () => Repeat(8, () => ours = Crc32.Compute(synthetic)),
            () => Repeat(8, () => theirs = Peers.Crc32(synthetic)));
        Check(ours == theirs, "the two CRC-32 differ");
        ratios.Add(new Ratio("crc32", "CRC-32, 4 MiB", a, "MB/s", "libz crc32_z", b));
    }

    private static void Lz4(List<Ratio> ratios, string key, string name, byte[] source)
    {
        byte[] ours = new byte[Lz4Block.CompressBound(source.Length)];
        byte[] theirs = new byte[ours.Length];
        int oursBytes = 0;
        int theirsBytes = 0;
        (double a, double b) = Pair.Throughput(
            source.Length * 4L,
            () => Repeat(4, () => oursBytes = Lz4Block.Compress(source, ours)),
            () => Repeat(4, () => theirsBytes = Peers.Lz4Compress(source, theirs)));
        ratios.Add(new Ratio($"lz4_compress_{key}", $"LZ4 compress, {name}", a, "MB/s", "liblz4", b));

        byte[] decoded = new byte[source.Length];
        byte[] peerDecoded = new byte[source.Length];
        (a, b) = Pair.Throughput(
            source.Length * 8L,
            () => Repeat(8, () => Check(Lz4Block.TryDecompress(theirs.AsSpan(0, theirsBytes), decoded, out _), "ours cannot decode theirs")),
            () => Repeat(8, () => Peers.Lz4Decompress(ours.AsSpan(0, oursBytes), peerDecoded)));
        Check(decoded.AsSpan().SequenceEqual(source), "ours decoded theirs wrongly");
        Check(peerDecoded.AsSpan().SequenceEqual(source), "theirs decoded ours wrongly");
        ratios.Add(new Ratio($"lz4_decompress_{key}", $"LZ4 decompress, {name}", a, "MB/s", "liblz4", b));
        ratios.Add(new Ratio(
            $"lz4_ratio_{key}", $"LZ4 compression ratio, {name}", (double)source.Length / oursBytes, "x", "liblz4", (double)source.Length / theirsBytes));
    }

    internal static void Repeat(int times, Action body)
    {
        for (int i = 0; i < times; i++)
            body();
    }

    internal static void Check(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException($"The benchmark's own check failed: {otherwise}.");
    }
}
