using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Outputs;
using AvSdk.Mcap.Tool.Reports;

namespace AvSdk.Tests.McapTool.Reports;

/// <summary>Small things that reports and options are made of.</summary>
public sealed class TextTableTests
{
    [Fact]
    public void Columns_stand_under_their_headings_and_nothing_from_a_file_steers_the_terminal()
    {
        TextTable table = new("name", ">count");
        table.Add("a\u001b[2J\nb", "1");
        table.Add("long name", "1,000");
        Assert.Equal("name       count\na\uFFFD[2J\uFFFDb        1\nlong name  1,000\n", table.ToString());
    }

    [Theory]
    [InlineData("/a/*", "/a/b", true)]
    [InlineData("/a/*", "/a/b/c", false)]
    [InlineData("/a/**", "/a/b/c", true)]
    [InlineData("**", "/a/b", true)]
    [InlineData("/a?", "/ab", true)]
    [InlineData("/a.b", "/axb", false)]
    [InlineData("/A", "/a", false)]
    [InlineData("/a", "/a/b", false)]
    [InlineData("/[ab]", "/a", false)]
    public void Patterns_fit_as_everywhere(string pattern, string topic, bool fits)
    {
        Assert.Equal(fits, new TopicPatterns([pattern], []).Wants(topic));
        Assert.Equal(!fits, new TopicPatterns([], [pattern]).Wants(topic));
        Assert.Equal(fits, AvSdk.Contracts.TopicGlob.Fits(pattern, topic));
    }

    [Theory]
    [InlineData("4MiB", 4L << 20)]
    [InlineData("500k", 500_000L)]
    [InlineData("1GB", 1_000_000_000L)]
    [InlineData("17", 17L)]
    [InlineData("", null)]
    [InlineData("MiB", null)]
    [InlineData("-1k", null)]
    [InlineData("4mib", null)]
    [InlineData("99999999999GiB", null)]
    public void Sizes_are_read_with_their_units(string text, long? bytes)
    {
        Assert.Equal(bytes is not null, ByteSize.TryParse(text, out long read));
        Assert.Equal(bytes ?? 0, read);
    }
}
