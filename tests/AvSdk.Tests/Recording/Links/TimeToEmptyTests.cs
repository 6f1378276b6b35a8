using AvSdk.Recording;
using AvSdk.Recording.Uplink;

namespace AvSdk.Tests.Recording.Links;

public sealed class TimeToEmptyTests
{
    private static readonly LaneOptions[] Lanes =
    [
        new() { Name = "events", Priority = 9 },
        new() { Name = "one" },
        new() { Name = "three", UploadWeight = 3 },
        new() { Name = "never", Priority = -1 },
    ];

    [Fact]
    public void Lanes_of_more_value_go_first_and_those_of_a_priority_by_weight()
    {
        // Events in 10 s; then 400 bytes, of which three has its 300, in 40 s; then what is left of one.
        Assert.Equal([10, 60, 50, 0], Seconds(100, 200, 300, 0, 10));
        Assert.Equal([0, 0, 0, 5], Seconds(0, 0, 0, 50, 10));
    }

    [Fact]
    public void Nothing_is_known_while_nothing_is_sent_or_where_the_link_does_not_carry_it()
    {
        Assert.Equal([null, TimeSpan.Zero], TimeToEmpty.Of(Lanes[..2], [5, 0], UploadScope.Everything, 0, null));
        UploadScope scope = new(null, 0, UploadScope.What.All);
        Assert.Equal([null, TimeSpan.FromSeconds(1)], TimeToEmpty.Of([Lanes[3], Lanes[1]], [5, 5], scope, 5, null));
        Assert.Null(TimeToEmpty.Of(Lanes[..1], [5], scope with { Marks = UploadScope.What.Marked }, 5, null)[0]);
    }

    [Fact]
    public void What_the_budget_has_not_left_has_no_time()
    {
        TimeSpan?[] times = TimeToEmpty.Of(Lanes, [100, 200, 0, 0], UploadScope.Everything, 10, 299);
        Assert.Equal((TimeSpan.FromSeconds(10), null), (times[0], times[1]));
    }

    [Fact]
    public void The_rate_is_that_of_the_last_minute()
    {
        ManualTime time = new();
        SendRate rate = new(time);
        Assert.Equal(0, rate.BytesPerSecond);
        for (int second = 0; second < 100; second++)
        {
            rate.Add(second < 50 ? 1000 : 4000);
            if (second == 9)
                Assert.Equal(1000, rate.BytesPerSecond);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(rate.BytesPerSecond, 3400, 3600);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, rate.BytesPerSecond);
    }

    private static double[] Seconds(long events, long one, long three, long never, double rate) =>
        [.. TimeToEmpty.Of(Lanes, [events, one, three, never], UploadScope.Everything, rate, null)
            .Select(static time => time!.Value.TotalSeconds)];
}
