using System.Buffers;
using AvSdk.Lz4;

namespace AvSdk.Tests.Lz4;

/// <summary>What the levels 3 to 12 promise besides a round trip in general.</summary>
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
    public void Every_short_length_of_every_kind_survives_and_ends_as_the_format_asks(int level)
    {
        foreach (string kind in SampleData.Kinds)
        {
            byte[] source = SampleData.Make(kind, 300, seed: 3);
            for (int bytes = 0; bytes <= source.Length; bytes++)
                BlockSequences.AssertEnd(RoundTrip(source[..bytes], level), bytes);
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void A_repeat_is_taken_up_to_an_offset_of_65535_and_never_beyond(int level)
    {
        byte[] text = new byte[400];
        new Random(1).NextBytes(text);
        foreach (int offset in (int[])[65_534, 65_535, 65_536, 65_537, 131_071, 200_000])
        {
            byte[] source = new byte[offset + text.Length + 20];
            new Random(2).NextBytes(source);
            text.CopyTo(source, 0);
            text.CopyTo(source, offset);
            byte[] block = RoundTrip(source, level);
            Assert.Equal(offset <= 65_535, block.Length < source.Length);
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Linked_blocks_refer_to_the_64_KiB_before_them_and_no_further(int level)
    {
        byte[] half = new byte[40_000];
        new Random(1).NextBytes(half);
        byte[] other = new byte[65_000];
        new Random(2).NextBytes(other);
        byte[] near = [.. half, .. half, .. half, .. half];
        byte[] far = [.. half, .. other, .. half, .. other];
        Lz4FrameOptions linked = new() { BlockSize = Lz4BlockSize.Max64KiB, LinkedBlocks = true, Level = level };
        Assert.InRange(FrameRoundTrip(near, linked), half.Length, half.Length + 2000);
        Assert.InRange(FrameRoundTrip(far, linked), far.Length, far.Length + 100);
        Assert.InRange(FrameRoundTrip(near, linked with { LinkedBlocks = false }), 2 * half.Length, near.Length);
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Blocks_of_one_encoder_do_not_depend_on_those_before_unless_linked(int level)
    {
        byte[] content = SampleData.Make("text", 30_000);
        using Lz4FrameEncoder encoder = new(new Lz4FrameOptions { Level = level });
        byte[]? first = null;
        for (int round = 0; round < 4; round++)
        {
            encoder.Reset(content.Length);
            ArrayBufferWriter<byte> output = new();
            encoder.Append(content, output);
            encoder.Finish(output);
            first ??= output.WrittenSpan.ToArray();
            Assert.Equal(first, output.WrittenSpan.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void No_level_is_larger_than_level_3_or_the_fast_one_by_more_than_noise(int level)
    {
        foreach (string kind in SampleData.Kinds)
        {
            byte[] source = SampleData.Make(kind, 200_000, seed: 7);
            byte[] room = new byte[Lz4Block.CompressBound(source.Length)];
            int bytes = Lz4Block.Compress(source, room, level);
            Assert.InRange(bytes, 1, (Lz4Block.Compress(source, room, 3) * 1.002) + 8);
            Assert.InRange(bytes, 1, (Lz4Block.Compress(source, room, 0) * 1.002) + 8);
        }
    }

    [Fact]
    public void A_destination_too_small_is_refused_at_every_length_and_an_exact_one_is_not()
    {
        foreach (string kind in SampleData.Kinds)
        {
            byte[] source = SampleData.Make(kind, 260, seed: 5);
            foreach (int level in Levels.Select(row => row.Data))
            {
                byte[] block = RoundTrip(source, level);
                for (int room = 0; room <= block.Length; room++)
                {
                    byte[] memory = new byte[room + 64];
                    memory.AsSpan().Fill(0xA5);
                    int written = Lz4Block.Compress(source, memory.AsSpan(0, room), level);
                    Assert.Equal(room < block.Length ? 0 : block.Length, written);
                    Assert.Equal(-1, memory.AsSpan(room).IndexOfAnyExcept((byte)0xA5));
                }
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(12)]
    public void Nothing_is_allocated_for_a_call(int level)
    {
        byte[] source = SampleData.Make("sensor", 20_000);
        byte[] room = new byte[30_000];
        Lz4FrameOptions options = new() { Level = level };
        for (int i = 0; i < 3; i++)
            Compress();
        long before = GC.GetAllocatedBytesForCurrentThread();
        int written = int.MaxValue;
        for (int i = 0; i < 20; i++)
            written = Math.Min(written, Compress());
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.NotEqual(0, written);

        int Compress() =>
            Math.Min(Lz4Block.Compress(source, room, level), Lz4Frame.Compress(source, room, options));
    }

    [Fact]
    public void Calls_on_many_threads_do_not_disturb_each_other()
    {
        byte[] source = SampleData.Make("mixed", 100_000);
        byte[] expected = RoundTrip(source, 9);
        Parallel.For(0, 16, _ => Assert.Equal(expected, RoundTrip(source, 9)));
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

    [Fact]
    public void An_encoder_that_was_disposed_and_reset_still_obeys_its_level()
    {
        byte[] content = SampleData.Make("text", 100_000);
        Lz4FrameOptions options = new() { Level = 9, LinkedBlocks = true, BlockSize = Lz4BlockSize.Max64KiB };
        using Lz4FrameEncoder encoder = new(options, content.Length);
        encoder.Dispose();
        encoder.Reset(content.Length);
        ArrayBufferWriter<byte> output = new();
        encoder.Append(content, output);
        encoder.Finish(output);
        Assert.Equal(Lz4FrameTests.Compress(content, options), output.WrittenSpan.ToArray());
    }

    private static byte[] RoundTrip(byte[] source, int level)
    {
        byte[] destination = new byte[Lz4Block.CompressBound(source.Length)];
        int written = Lz4Block.Compress(source, destination, level);
        Assert.InRange(written, 1, destination.Length);
        byte[] decompressed = new byte[source.Length];
        Assert.True(Lz4Block.TryDecompress(destination.AsSpan(0, written), decompressed, out int content));
        Assert.Equal(source.Length, content);
        Assert.True(source.AsSpan().SequenceEqual(decompressed));
        return destination[..written];
    }

    private static int FrameRoundTrip(byte[] source, Lz4FrameOptions options)
    {
        byte[] frame = Lz4FrameTests.Compress(source, options);
        Assert.Equal(source, Lz4FrameTests.Decompress(frame));
        return frame.Length;
    }
}
