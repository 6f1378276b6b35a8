using System.Text;
using AvSdk.Lz4;

namespace AvSdk.Tests.Lz4;

public class XxHash32Tests
{
    [Theory]
    [InlineData("", 0u, 0x02CC5D05u)]
    [InlineData("a", 0u, 0x550D7456u)]
    [InlineData("abc", 0u, 0x32D153FFu)]
    [InlineData("Nobody inspects the spammish repetition", 0u, 0xE2293B2Fu)]
    [InlineData("", 0x9E3779B1u, 0x36B78AE7u)]
    public void Known_inputs_give_the_published_hashes(string text, uint seed, uint expected)
    {
        byte[] source = Encoding.ASCII.GetBytes(text);
        Assert.Equal(expected, XxHash32.Compute(source, seed));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0x9E3779B1u)]
    public void Pieces_of_every_length_give_the_hash_of_the_whole(uint seed)
    {
        byte[] source = SampleData.Make("noise", 100);
        for (int length = 0; length <= source.Length; length++)
        {
            uint whole = XxHash32.Compute(source.AsSpan(0, length), seed);
            for (int split = 0; split <= length; split++)
            {
                XxHash32 hash = new(seed);
                hash.Append(source.AsSpan(0, split));
                _ = hash.Finish();
                hash.Append(source.AsSpan(split, length - split));
                Assert.Equal(whole, hash.Finish());
            }
        }
    }

    [Fact]
    public void Single_bytes_give_the_hash_of_the_whole()
    {
        byte[] source = SampleData.Make("noise", 1000);
        XxHash32 hash = default;
        foreach (byte b in source)
            hash.Append([b]);
        Assert.Equal(XxHash32.Compute(source), hash.Finish());
    }
}
