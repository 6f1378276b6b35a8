using AvSdk.Gateway.Admission;

namespace AvSdk.Tests.Gateway.Admission;

public sealed class SessionRuleTests
{
    private static readonly GatewayAdmissionOptions Options = new()
    {
        SessionsPerSecond = 10,
        SessionsBurst = 5,
        SessionsMax = 1000,
        RetryAfterMax = TimeSpan.FromSeconds(20),
    };

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.1);
    private readonly SessionRule _rule = new(Options);

    [Fact]
    public void After_the_burst_each_is_told_the_next_slot_of_the_rate()
    {
        List<TimeSpan> told = [];
        for (int car = 0; car < 105; car++)
        {
            if (!_rule.TryEnter($"{car}", TimeSpan.Zero, true, out TimeSpan retryAfter))
                told.Add(retryAfter);
        }

        Assert.Equal(100, told.Count);
        Assert.Equal(Enumerable.Range(1, 100).Select(slot => slot * Interval), told);
    }

    [Fact]
    public void All_who_come_when_they_were_told_are_let_in()
    {
        PriorityQueue<int, TimeSpan> coming = new(Enumerable.Range(0, 150).Select(car => (car, TimeSpan.Zero)));
        Dictionary<int, int> refusals = [];
        TimeSpan last = default;
        while (coming.TryDequeue(out int car, out TimeSpan now))
        {
            last = now;
            if (_rule.TryEnter($"{car}", now, true, out TimeSpan retryAfter))
                continue;
            refusals[car] = refusals.GetValueOrDefault(car) + 1;
            coming.Enqueue(car, now + retryAfter);
        }

        Assert.Equal(145, refusals.Count);
        Assert.All(refusals.Values, times => Assert.Equal(1, times));
        Assert.Equal(145 * Interval, last);
        Assert.Equal((150, 0), (_rule.Sessions, _rule.Waiting));
    }

    [Fact]
    public void Who_comes_early_is_told_the_same_moment_and_who_is_new_goes_behind()
    {
        Fill();
        Assert.False(_rule.TryEnter("a", TimeSpan.Zero, true, out TimeSpan first));
        Assert.False(_rule.TryEnter("a", Interval / 2, true, out TimeSpan again));
        Assert.Equal(first - (Interval / 2), again);
        Assert.False(_rule.TryEnter("b", Interval / 2, true, out TimeSpan behind));
        Assert.Equal(first + Interval, behind + (Interval / 2));
        Assert.True(_rule.TryEnter("a", Interval, true, out _));
        Assert.False(_rule.TryEnter("c", Interval, true, out _));
    }

    [Fact]
    public void However_they_come_no_more_are_let_in_than_rate_and_burst_allow()
    {
        Random chance = new(7);
        List<TimeSpan> admitted = [];
        TimeSpan now = default;
        for (int attempt = 0; attempt < 20_000; attempt++)
        {
            now += TimeSpan.FromMilliseconds(chance.Next(10));
            if (_rule.TryEnter($"{chance.Next(300)}", now, true, out TimeSpan retryAfter))
            {
                admitted.Add(now);
                _rule.Leave();
            }
            else
            {
                Assert.InRange(retryAfter, TimeSpan.FromTicks(1), Options.RetryAfterMax);
            }
        }

        Assert.True(admitted.Count > 0.5 * 10 * now.TotalSeconds, $"{admitted.Count} in {now}");
        for (int first = 0; first < admitted.Count; first++)
        {
            for (int last = first; last < Math.Min(admitted.Count, first + 100); last++)
            {
                double allowed = 5 + (10 * (admitted[last] - admitted[first]).TotalSeconds) + 1e-6;
                Assert.True(last - first + 1 <= allowed, $"{last - first + 1} from {admitted[first]} to {admitted[last]}");
            }
        }
    }

    [Fact]
    public void Beyond_the_longest_time_nobody_holds_a_place_and_all_ask_again_apart()
    {
        List<TimeSpan> told = [];
        for (int car = 0; car < 500; car++)
        {
            if (!_rule.TryEnter($"{car}", TimeSpan.Zero, true, out TimeSpan retryAfter))
                told.Add(retryAfter);
        }

        Assert.Equal(200, _rule.Waiting);
        Assert.All(told[200..], retryAfter =>
            Assert.InRange(retryAfter, Options.RetryAfterMax / 2, Options.RetryAfterMax));
        Assert.True(told[200..].GroupBy(retryAfter => retryAfter).Max(same => same.Count()) <= 3);
    }

    [Fact]
    public void Who_does_not_come_loses_the_place_and_costs_no_memory()
    {
        Fill();
        for (int car = 0; car < 50; car++)
            Assert.False(_rule.TryEnter($"gone {car}", TimeSpan.Zero, true, out _));
        Assert.Equal(50, _rule.Waiting);
        Assert.True(_rule.TryEnter("other", TimeSpan.FromMinutes(1), true, out _));
        Assert.Equal(0, _rule.Waiting);
    }

    [Fact]
    public void Where_there_is_no_room_they_come_back_later_and_get_in_when_one_has_left()
    {
        SessionRule full = new(Options with { SessionsMax = 1 });
        Assert.True(full.TryEnter("a", TimeSpan.Zero, true, out _));
        Assert.False(full.TryEnter("b", TimeSpan.Zero, true, out TimeSpan retryAfter));
        Assert.Equal(TimeSpan.FromSeconds(2), retryAfter);
        Assert.False(full.TryEnter("b", retryAfter, true, out TimeSpan later));
        Assert.True(later >= TimeSpan.FromSeconds(2));
        full.Leave();
        Assert.True(full.TryEnter("b", retryAfter + later, true, out _));
        Assert.False(full.TryEnter("c", TimeSpan.FromMinutes(1), hasMemory: false, out _));
    }

    private void Fill()
    {
        for (int car = 0; car < Options.SessionsBurst; car++)
            Assert.True(_rule.TryEnter($"first {car}", TimeSpan.Zero, true, out _));
    }
}
