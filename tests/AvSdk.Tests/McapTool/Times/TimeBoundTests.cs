using AvSdk.Mcap.Tool.Times;

namespace AvSdk.Tests.McapTool.Times;

public sealed class TimeBoundTests
{
    [Theory]
    [InlineData("2018-08-02T16:14:48.397000000Z", 1533226488397000000UL)]
    [InlineData("2018-08-02T16:14:48.397000001Z", 1533226488397000001UL)]
    [InlineData("2018-08-02T18:14:48.5+02:00", 1533226488500000000UL)]
    [InlineData("2018-08-02 16:14:48", 1533226488000000000UL)]
    [InlineData("2018-08-02T16:14", 1533226440000000000UL)]
    [InlineData("2018-08-02", 1533168000000000000UL)]
    [InlineData("1533226488397000000", 1533226488397000000UL)]
    [InlineData("0", 0UL)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    [InlineData("+10s", 1_010_000_000_000UL)]
    [InlineData("+1.5s", 1_001_500_000_000UL)]
    [InlineData("+250ms", 1_000_250_000_000UL)]
    [InlineData("+1ns", 1_000_000_000_001UL)]
    [InlineData("+2m", 1_120_000_000_000UL)]
    [InlineData("-10s", 1_990_000_000_000UL)]
    [InlineData("-1h", 0UL)]
    public void Resolves_in_a_file_from_second_1000_to_2000(string text, ulong expected)
    {
        Assert.True(TimeBound.TryParse(text, out TimeBound bound));
        Assert.Equal(expected, bound.Resolve(1_000_000_000_000, 2_000_000_000_000));
    }

    [Theory]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("10s")]
    [InlineData("yesterday")]
    [InlineData("2018-13-02")]
    [InlineData("1960-01-01")]
    [InlineData("2600-01-01")]
    [InlineData("18446744073709551616")]
    [InlineData("+s")]
    [InlineData("+6000000h")]
    [InlineData("+1.2.3s")]
    [InlineData("2018-08-02T16:14:48.1234567890Z")]
    public void What_is_no_time_is_not_taken_for_one(string text) => Assert.False(TimeBound.TryParse(text, out _));

    [Theory]
    [InlineData(0UL, "1970-01-01T00:00:00.000000000Z")]
    [InlineData(1533226548427131821UL, "2018-08-02T16:15:48.427131821Z")]
    [InlineData(ulong.MaxValue, "2554-07-21T23:34:33.709551615Z")]
    public void A_time_as_text_keeps_every_digit_and_is_read_back(ulong nanoseconds, string expected)
    {
        Assert.Equal(expected, TimeText.Iso(nanoseconds));
        if (nanoseconds != ulong.MaxValue)
        {
            Assert.True(TimeBound.TryParse(expected, out TimeBound bound));
            Assert.Equal(nanoseconds, bound.Resolve(1, 2));
        }
    }

    [Fact]
    public void A_range_the_wrong_way_round_is_empty()
    {
        Assert.True(TimeBound.TryParse("+10s", out TimeBound late));
        Assert.True(TimeBound.TryParse("+5s", out TimeBound early));
        (ulong from, ulong? to) = new TimeRange(late, early).Resolve(0, 20_000_000_000);
        Assert.Equal(from, to);
    }
}
