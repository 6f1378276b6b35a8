using AvSdk.Lz4;

namespace AvSdk.Tests.Lz4;

public class Lz4HighTests
{
    public static TheoryData<int> Levels => [3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    [Theory]
    [MemberData(nameof(Levels))]
    public void Every_level_survives_the_round_trip(int level)
    {
        foreach (string kind in SampleData.Kinds)
        {
            foreach (int bytes in (int[])[1000, 65_535, 65_547, 65_548, 300_000])
                RoundTrip(SampleData.Make(kind, bytes), level);
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Every_short_length_of_every_kind_survives_the_round_trip(int level)
    {
        foreach (string kind in SampleData.Kinds)
        {
            byte[] source = SampleData.Make(kind, 300, seed: 3);
            for (int bytes = 0; bytes <= source.Length; bytes++)
                RoundTrip(source[..bytes], level);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(13)]
    public void A_level_that_does_not_exist_is_refused(int level)
    {
        byte[] room = new byte[100];
        Lz4FrameOptions options = new() { Level = level };
        ArgumentException block = Assert.Throws<ArgumentOutOfRangeException>(() => Lz4Block.Compress([1], room, level));
        Assert.Contains("3 to 12", block.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Lz4Frame.Compress([1], room, options));
        Assert.Throws<ArgumentOutOfRangeException>(() => Lz4Frame.CompressBound(1, options));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Lz4FrameEncoder(options));
    }

    internal static byte[] RoundTrip(byte[] source, int level)
    {
        byte[] destination = new byte[Lz4Block.CompressBound(source.Length)];
        int written = Lz4Block.Compress(source, destination, level);
        Assert.InRange(written, 1, destination.Length);
        byte[] decompressed = new byte[source.Length];
        Assert.True(Lz4Block.TryDecompress(destination.AsSpan(0, written), decompressed, out int content));
        Assert.Equal(source.Length, content);
        Assert.Equal(source, decompressed);
        return destination[..written];
    }
}
