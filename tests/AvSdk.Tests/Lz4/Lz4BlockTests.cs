using AvSdk.Lz4;

namespace AvSdk.Tests.Lz4;

public class Lz4BlockTests
{
    public static TheoryData<string, int> Inputs
    {
        get
        {
            TheoryData<string, int> inputs = [];
            int[] lengths = [0, 1, 12, 13, 64, 1000, 65_535, 65_547, 65_548, 300_000, 1_000_000];
            foreach (string kind in SampleData.Kinds)
            {
                foreach (int bytes in lengths)
                    inputs.Add(kind, bytes);
            }

            return inputs;
        }
    }

    [Theory]
    [MemberData(nameof(Inputs))]
    public void What_was_compressed_decompresses_to_itself(string kind, int bytes)
    {
        byte[] source = SampleData.Make(kind, bytes);
        byte[] compressed = Compress(source);
        byte[] decompressed = new byte[bytes];
        Assert.True(Lz4Block.TryDecompress(compressed, decompressed, out int written));
        Assert.Equal(bytes, written);
        Assert.Equal(source, decompressed);
    }

    [Fact]
    public void Every_short_length_of_every_kind_survives_the_round_trip()
    {
        foreach (string kind in SampleData.Kinds)
        {
            byte[] source = SampleData.Make(kind, 400, seed: 3);
            for (int bytes = 0; bytes <= source.Length; bytes++)
            {
                byte[] part = source[..bytes];
                byte[] decompressed = new byte[bytes];
                Assert.True(Lz4Block.TryDecompress(Compress(part), decompressed, out int written));
                Assert.Equal(bytes, written);
                Assert.Equal(part, decompressed);
            }
        }
    }

    [Fact]
    public void Every_number_of_literals_before_a_match_and_at_the_end_is_read()
    {
        byte[] noise = SampleData.Make("noise", 6000);
        byte[] decompressed = new byte[(2 * noise.Length) + 40];
        for (int literals = 0; literals < noise.Length; literals += literals < 3000 ? 1 : 17)
        {
            byte[] source = [.. noise[..literals], .. new byte[40], .. noise[..literals]];
            foreach (byte[] content in (byte[][])[source, noise[..literals]])
            {
                Span<byte> exact = decompressed.AsSpan(0, content.Length);
                Assert.True(Lz4Block.TryDecompress(Compress(content), exact, out int written));
                Assert.Equal(content.Length, written);
                Assert.True(content.AsSpan().SequenceEqual(exact));
            }
        }
    }

    [Fact]
    public void The_golden_block_is_written_and_read()
    {
        byte[] source = new byte[32];
        source.AsSpan().Fill(0x61);
        // 1 literal 'a', offset 1, a match of 26 bytes (19 + 7), then the 5 last literals.
        byte[] golden = [0x1F, 0x61, 0x01, 0x00, 0x07, 0x50, 0x61, 0x61, 0x61, 0x61, 0x61];
        Assert.Equal(golden, Compress(source));
        byte[] decompressed = new byte[32];
        Assert.True(Lz4Block.TryDecompress(golden, decompressed, out int written));
        Assert.Equal(32, written);
        Assert.Equal(source, decompressed);
    }

    [Fact]
    public void A_destination_one_byte_short_is_refused_and_an_exact_one_is_not()
    {
        foreach (string kind in SampleData.Kinds)
        {
            byte[] source = SampleData.Make(kind, 5000);
            int exact = Compress(source).Length;
            for (int room = 0; room < exact; room += room < exact - 40 ? 37 : 1)
                AssertGuarded(room, span => Assert.Equal(0, Lz4Block.Compress(source, span)));
            byte[] fits = new byte[exact];
            Assert.Equal(exact, Lz4Block.Compress(source, fits));
            Assert.Equal(Compress(source), fits);
        }
    }

    [Fact]
    public void Decompressing_never_writes_beyond_the_destination()
    {
        foreach (string kind in SampleData.Kinds)
        {
            byte[] source = SampleData.Make(kind, 2000);
            byte[] compressed = Compress(source);
            for (int room = 0; room <= source.Length; room++)
            {
                AssertGuarded(room, span =>
                {
                    Lz4Result result = Lz4Block.Decompress(compressed, span, default, out int written);
                    Assert.Equal(span.Length == source.Length, result.IsOk);
                    Assert.Equal(result.IsOk ? source.Length : 0, written);
                    if (!result.IsOk)
                    {
                        Assert.Equal(Lz4Error.DestinationTooSmall, result.Error);
                        Assert.Equal((ulong)span.Length, result.Found);
                        Assert.InRange(result.Expected, (ulong)span.Length + 1, (ulong)source.Length);
                    }
                });
            }
        }
    }

    [Fact]
    public void A_truncated_block_is_an_error_or_a_shorter_prefix()
    {
        foreach (string kind in SampleData.Kinds)
        {
            byte[] source = SampleData.Make(kind, 3000);
            byte[] compressed = Compress(source);
            byte[] decompressed = new byte[source.Length];
            for (int cut = 0; cut < compressed.Length; cut++)
            {
                Lz4Result result =
                    Lz4Block.Decompress(compressed.AsSpan(0, cut), decompressed, default, out int written);
                if (result.IsOk)
                    Assert.Equal(source[..written], decompressed[..written]);
                else
                    Assert.Equal(Lz4Error.BlockTruncated, result.Error);
                Assert.True(result.Offset <= cut);
            }
        }
    }

    [Fact]
    public void Flipped_bits_and_noise_never_leave_the_buffers()
    {
        Random random = new(20261121);
        byte[] compressed = Compress(SampleData.Make("mixed", 3000));
        for (int run = 0; run < 20_000; run++)
        {
            byte[] damaged = (byte[])compressed.Clone();
            if (run % 4 == 3)
                random.NextBytes(damaged.AsSpan(0, random.Next(damaged.Length)));
            else
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            AssertGuarded(random.Next(3100), span =>
            {
                Lz4Result result = Lz4Block.Decompress(damaged, span, default, out int written);
                Assert.InRange(written, 0, span.Length);
                Assert.InRange(result.Offset, 0, damaged.Length);
            });
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(65_535)]
    public void A_match_before_the_first_byte_is_refused(int offset)
    {
        byte[] block = [0x10, 0x61, (byte)offset, (byte)(offset >> 8), 0x50, 1, 2, 3, 4, 5];
        Lz4Result result = Lz4Block.Decompress(block, new byte[100], default, out _);
        Assert.Equal(new Lz4Result(Lz4Error.BadMatchOffset, 2, 1, (ulong)offset), result);
    }

    [Fact]
    public void A_length_of_many_255_bytes_is_compared_with_the_destination_before_anything_is_copied()
    {
        byte[] block = new byte[1 << 20];
        block.AsSpan().Fill(255);
        block[1 << 19] = 0;
        Assert.Equal(Lz4Error.BlockTruncated, Lz4Block.Decompress(block, new byte[64], default, out _).Error);
        byte[] match = [0x1F, 0x61, 1, 0, .. block];
        Lz4Result result = Lz4Block.Decompress(match, new byte[64], default, out _);
        Assert.Equal(Lz4Error.DestinationTooSmall, result.Error);
        Assert.True(result.Expected > 1 << 26);
    }

    [Fact]
    public void A_dictionary_stands_before_the_content()
    {
        byte[] dictionary = SampleData.Make("text", 70_000);
        // No literal, a match of 19 + 5 bytes that begins 10 bytes back, then 5 literals.
        byte[] block = [0x0F, 10, 0, 5, 0x50, 1, 2, 3, 4, 5];
        byte[] expected = [.. dictionary[^10..], .. dictionary[^10..], .. dictionary[^10..^6], 1, 2, 3, 4, 5];
        byte[] destination = new byte[100];
        Assert.True(Lz4Block.TryDecompress(block, destination, dictionary, out int written));
        Assert.Equal(expected, destination[..written]);
        Assert.False(Lz4Block.TryDecompress(block, destination, dictionary.AsSpan(0, 9), out _));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Lz4Block.InputBytesMax + 1)]
    public void The_bound_of_an_impossible_length_is_refused(int bytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Lz4Block.CompressBound(bytes));

    private delegate void SpanAction(Span<byte> span);

    private static void AssertGuarded(int bytes, SpanAction action)
    {
        const int Guard = 64;
        byte[] memory = new byte[bytes + (2 * Guard)];
        memory.AsSpan().Fill(0xA5);
        action(memory.AsSpan(Guard, bytes));
        Assert.Equal(-1, memory.AsSpan(0, Guard).IndexOfAnyExcept((byte)0xA5));
        Assert.Equal(-1, memory.AsSpan(Guard + bytes).IndexOfAnyExcept((byte)0xA5));
    }

    private static byte[] Compress(byte[] source)
    {
        byte[] destination = new byte[Lz4Block.CompressBound(source.Length)];
        int written = Lz4Block.Compress(source, destination);
        Assert.InRange(written, 1, destination.Length);
        return destination[..written];
    }
}
