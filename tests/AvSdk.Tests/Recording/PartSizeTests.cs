using AvSdk.Recording.Uplink;

namespace AvSdk.Tests.Recording;

public sealed class PartSizeTests
{
    private const int BytesMax = 256 << 10;

    [Theory]
    [InlineData(100_000_000, BytesMax)]
    [InlineData(1_000_000, 64 << 10)]
    [InlineData(10_000, 16 << 10)]
    public void Parts_become_as_long_as_the_link_takes_in_a_moment(double bytesPerSecond, int expected)
    {
        PartSize size = new(BytesMax);
        for (int part = 0; part < 10; part++)
            size.Note(size.Bytes, TimeSpan.FromSeconds(size.Bytes / bytesPerSecond));
        Assert.Equal(expected, size.Bytes);
    }

    [Fact]
    public void They_grow_again_when_the_link_is_faster_but_not_for_the_short_ends_of_chunks()
    {
        PartSize size = new(BytesMax);
        for (int part = 0; part < 10; part++)
            size.Note(size.Bytes, TimeSpan.FromSeconds(1));
        Assert.Equal(16 << 10, size.Bytes);
        size.Note(100, TimeSpan.Zero);
        Assert.Equal(16 << 10, size.Bytes);
        size.Note(16 << 10, TimeSpan.FromMilliseconds(1));
        Assert.Equal(32 << 10, size.Bytes);
        for (int part = 0; part < 10; part++)
            size.Note(size.Bytes, TimeSpan.FromMilliseconds(1));
        Assert.Equal(BytesMax, size.Bytes);
    }

    [Fact]
    public void Parts_that_were_configured_shorter_stay_so()
    {
        PartSize size = new(8 << 10);
        size.Note(8 << 10, TimeSpan.FromSeconds(1));
        Assert.Equal(8 << 10, size.Bytes);
        size.Note(8 << 10, TimeSpan.Zero);
        Assert.Equal(8 << 10, size.Bytes);
    }
}
