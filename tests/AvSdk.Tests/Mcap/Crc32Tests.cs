using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap;

public sealed class Crc32Tests
{
    [Fact]
    public void The_check_value_of_the_catalogue_comes_out()
    {
        Assert.Equal(0xCBF43926u, Crc32.Compute("123456789"u8));
        Assert.Equal(0u, Crc32.Compute([]));
    }

    [Fact]
    public void Every_length_and_alignment_agrees_with_a_bit_by_bit_computation()
    {
        byte[] bytes = new byte[3000];
        new Random(1).NextBytes(bytes);
        for (int start = 0; start < 17; start++)
        {
            for (int length = 0; start + length <= bytes.Length; length += length < 600 ? 1 : 37)
            {
                ReadOnlySpan<byte> span = bytes.AsSpan(start, length);
                Assert.Equal(BitByBit(span), Crc32.Compute(span));
            }
        }
    }

    [Fact]
    public void The_table_path_agrees_with_the_bit_by_bit_computation()
    {
        byte[] bytes = new byte[300];
        new Random(2).NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            ReadOnlySpan<byte> span = bytes.AsSpan(0, length);
            Assert.Equal(BitByBit(span), ~Crc32.AppendByTables(~0u, span));
        }
    }

    [Fact]
    public void Appending_piece_by_piece_is_computing_the_whole()
    {
        byte[] bytes = new byte[5000];
        new Random(3).NextBytes(bytes);
        uint whole = Crc32.Compute(bytes);
        for (int split = 0; split <= bytes.Length; split += 61)
            Assert.Equal(whole, Crc32.Append(Crc32.Compute(bytes.AsSpan(0, split)), bytes.AsSpan(split)));
    }

    [Fact]
    public void Two_crcs_combine_to_the_one_of_both_runs_of_bytes()
    {
        byte[] bytes = new byte[3000];
        new Random(4).NextBytes(bytes);
        uint whole = Crc32.Compute(bytes);
        for (int split = 0; split <= bytes.Length; split += 7)
        {
            uint second = Crc32.Compute(bytes.AsSpan(split));
            Assert.Equal(whole, Crc32.Combine(Crc32.Compute(bytes.AsSpan(0, split)), second, bytes.Length - split));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Crc32.Combine(1, 2, -1));
    }

    [Fact]
    public void Combining_spans_lengths_that_nobody_reads()
    {
        // Zeros by doubling: each step is two runs of the length before.
        uint zeros = Crc32.Compute([0]);
        uint ones = Crc32.Compute([1]);
        for (int power = 0; power < 40; power++)
        {
            ones = Crc32.Combine(ones, zeros, 1L << power);
            zeros = Crc32.Combine(zeros, zeros, 1L << power);
        }

        byte[] start = [1];
        uint same = Crc32.Compute(start);
        uint block = Crc32.Compute(new byte[1 << 20]);
        long left = (1L << 40) - 1;
        for (; left >= 1 << 20; left -= 1 << 20)
            same = Crc32.Combine(same, block, 1 << 20);
        Assert.Equal(ones, Crc32.Append(same, new byte[(int)left]));
    }

    private static uint BitByBit(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
        }

        return ~crc;
    }
}
