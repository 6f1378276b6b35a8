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
        byte[] bytes = new byte[700];
        new Random(1).NextBytes(bytes);
        for (int start = 0; start < 17; start++)
        {
            for (int length = 0; start + length <= bytes.Length; length += length < 300 ? 1 : 37)
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
