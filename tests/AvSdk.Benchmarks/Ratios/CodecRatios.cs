using AvSdk.Lz4;
using AvSdk.Mcap;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>LZ4 against liblz4 and CRC-32 against libz, one thread, in this process, on the same bytes.</summary>
internal static class CodecRatios
{
    /// <summary>What the slow levels are measured on, so that a round stays short.</summary>
    private const int HighBytes = 1 << 20;

    private static readonly int[] s_levels = [3, 9, 12];

    public static void Measure(List<Ratio> ratios, List<string> notes)
    {
        if (Peers.HasLz4)
        {
            foreach ((string key, string name, byte[] bytes) in CodecData.All())
                Fast(ratios, key, name, bytes);
            foreach ((string key, string name, byte[] bytes) in CodecData.All().Where(data => data.Key is "samples" or "drive" or "json"))
                High(ratios, key, name, bytes.AsSpan(0, HighBytes).ToArray(), s_levels);
        }
        else
        {
            notes.Add("LZ4 against liblz4: liblz4.so.1 is not installed (apt-get install liblz4-1)");
        }

        if (Peers.HasZlib)
            Crc(ratios);
        else
            notes.Add("CRC-32 against libz: libz.so.1 is not installed (apt-get install zlib1g)");
    }

    private static void Fast(List<Ratio> ratios, string key, string name, byte[] source)
    {
        byte[] ours = new byte[Lz4Block.CompressBound(source.Length)];
        byte[] theirs = new byte[ours.Length];
        int oursBytes = 0;
        int theirsBytes = 0;
        ratios.Add(Pair.Computing(
            source.Length,
            () => oursBytes = Lz4Block.Compress(source, ours),
            () => theirsBytes = Peers.Lz4Compress(source, theirs))
            .As($"lz4_compress_{key}", $"LZ4 compress, {name}", "MB/s", "liblz4"));
        ratios.Add(Decompress(source, ours.AsSpan(0, oursBytes).ToArray(), theirs.AsSpan(0, theirsBytes).ToArray())
            .As($"lz4_decompress_{key}", $"LZ4 decompress, {name}", "MB/s", "liblz4"));
        ratios.Add(Size($"lz4_ratio_{key}", $"LZ4 compression ratio, {name}", source.Length, oursBytes, theirsBytes));
    }

    /// <summary>Both sides decode the same block; before, each decodes what the other wrote.</summary>
    private static Paired Decompress(byte[] source, byte[] ours, byte[] theirs)
    {
        byte[] decoded = new byte[source.Length];
        byte[] peerDecoded = new byte[source.Length];
        Peers.Lz4Decompress(ours, peerDecoded);
        Check(peerDecoded.AsSpan().SequenceEqual(source), "theirs decoded ours wrongly");
        Paired paired = Pair.Computing(
            source.Length,
            () => Check(Lz4Block.TryDecompress(theirs, decoded, out _), "ours cannot decode theirs"),
            () => Peers.Lz4Decompress(theirs, peerDecoded));
        Check(decoded.AsSpan().SequenceEqual(source), "ours decoded theirs wrongly");
        return paired;
    }

    private static void High(List<Ratio> ratios, string key, string name, byte[] source, int[] levels)
    {
        byte[] ours = new byte[Lz4Block.CompressBound(source.Length)];
        byte[] theirs = new byte[ours.Length];
        byte[] decoded = new byte[source.Length];
        foreach (int level in levels)
        {
            int oursBytes = 0;
            int theirsBytes = 0;
            ratios.Add(Pair.Computing(
                source.Length,
                () => oursBytes = Lz4Block.Compress(source, ours, level),
                () => theirsBytes = Peers.Lz4CompressHigh(source, theirs, level),
                rounds: 9)
                .As($"lz4_compress_{key}_level_{level}", $"LZ4 level {level}, {name}", "MB/s", "liblz4 HC"));
            Peers.Lz4Decompress(ours.AsSpan(0, oursBytes), decoded);
            Check(decoded.AsSpan().SequenceEqual(source), "theirs decoded ours wrongly");
            if (level == levels[^1])
            {
                ratios.Add(Decompress(source, ours.AsSpan(0, oursBytes).ToArray(), theirs.AsSpan(0, theirsBytes).ToArray())
                    .As($"lz4_decompress_{key}_level_{level}", $"LZ4 decompress what level {level} wrote, {name}", "MB/s", "liblz4"));
            }

            ratios.Add(Size(
                $"lz4_ratio_{key}_level_{level}", $"LZ4 level {level} compression ratio, {name}", source.Length, oursBytes, theirsBytes));
        }
    }

    private static Ratio Size(string key, string path, int sourceBytes, int oursBytes, int theirsBytes) =>
        new(key, path, (double)sourceBytes / oursBytes, "x", "liblz4", (double)sourceBytes / theirsBytes);

    private static void Crc(List<Ratio> ratios)
    {
        byte[] data = SensorBytes.Int16Samples(CodecData.BlockBytes);
        uint ours = 0;
        uint theirs = 0;
        ratios.Add(Pair.Computing(data.Length, () => ours = Crc32.Compute(data), () => theirs = Peers.Crc32(data))
            .As("crc32", "CRC-32, 4 MiB", "MB/s", "libz crc32_z"));
        Check(ours == theirs, "the two CRC-32 differ");
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
