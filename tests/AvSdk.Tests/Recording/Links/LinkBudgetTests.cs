using AvSdk.Recording;
using AvSdk.Recording.Links;
using AvSdk.Recording.Spool;
using AvSdk.Tests.Recording.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Tests.Recording.Links;

/// <summary>What a link has spent, over crashes, midnights and clocks that jump.</summary>
public sealed class LinkBudgetTests : IDisposable
{
    private const long Budget = 10 << 20;
    private static readonly LinkOptions Link = new() { Name = "lte", Word = "lte", BytesPerDay = Budget };

    private readonly Clock _time = new();
    private readonly MemoryFiles _files = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Over_any_number_of_crashes_no_more_is_spent_than_the_budget(int seed)
    {
        Random random = new(seed);
        MemoryFiles files = _files;
        long spent = 0;
        for (int crash = 0; crash < 40; crash++)
        {
            LinkBudgets budgets = Open(files);
            for (int message = random.Next(60); message > 0; message--)
            {
                int bytes = random.Next(1, 20_000);
                if (budgets.TrySpend(Link, default, bytes, isBeyond: false))
                    spent += bytes;
            }

            files = random.Next(3) switch
            {
                0 => files.Copy(),
                1 => files.CopyDurable(),
                _ => files.CopyAfterPowerCut(random),
            };
        }

        Assert.InRange(spent, Budget / 2, Budget);
    }

    [Fact]
    public void A_crash_costs_at_most_a_slab_and_an_orderly_end_nothing()
    {
        LinkBudgets budgets = Open(_files);
        Assert.True(budgets.TrySpend(Link, default, 100_000, isBeyond: false));
        MemoryFiles crashed = _files.CopyDurable();
        budgets.Close();

        Assert.Equal(Budget - 100_000, Left(_files));
        Assert.InRange(Left(crashed), Budget - 100_000 - (Budget / 64), Budget - 100_000 - 1);
        Assert.Equal(["links"], _files.Names);
    }

    [Fact]
    public void What_does_not_fit_uses_the_budget_up_until_the_day_is_over_also_over_a_restart()
    {
        LinkBudgets budgets = Open(_files);
        Assert.True(budgets.TrySpend(Link, default, Budget - 100, isBeyond: false));
        Assert.False(budgets.TrySpend(Link, default, 101, isBeyond: false));
        Assert.Equal(0, Left(budgets));
        Assert.True(budgets.TrySpend(Link, default, 500, isBeyond: true));

        LinkBudgets next = Open(_files.CopyDurable());
        Assert.Equal(0, Left(next));
        Assert.False(next.TrySpend(Link, default, 1, isBeyond: false));
        _time.Now = _time.Now.Date.AddDays(1);
        Assert.True(next.TrySpend(Link, default, Budget, isBeyond: false));
    }

    [Fact]
    public void Days_and_months_end_at_the_configured_clocks_midnight()
    {
        LinkOptions link = Link with { BytesPerMonth = 2 * Budget };
        TimeSpan offset = TimeSpan.FromHours(2);
        _time.Now = new DateTime(2026, 11, 29, 21, 59, 0);
        LinkBudgets budgets = Open(_files);
        Assert.True(budgets.TrySpend(link, offset, Budget, isBeyond: false));
        Assert.False(budgets.TrySpend(link, offset, 1, isBeyond: false));
        _time.Now += TimeSpan.FromMinutes(1);
        Assert.True(budgets.TrySpend(link, offset, Budget, isBeyond: false));

        // The month is used up, and over two hours before UTC's.
        _time.Now = new DateTime(2026, 11, 30, 21, 59, 0);
        Assert.False(budgets.TrySpend(link, offset, 1, isBeyond: false));
        _time.Now += TimeSpan.FromMinutes(1);
        Assert.True(budgets.TrySpend(link, offset, Budget, isBeyond: false));
        Assert.True(budgets.TryRead(link, offset, out LinkSpent spent));
        Assert.Equal(new DateTimeOffset(2027, 1, 1, 0, 0, 0, offset), LinkBudgets.EndOfMonth(spent.MonthNumber, offset));
        Assert.Equal(new DateTimeOffset(2026, 12, 2, 0, 0, 0, offset), LinkBudgets.EndOfDay(spent.DayNumber, offset));
    }

    [Fact]
    public void A_clock_that_jumps_back_and_forth_gives_no_budget_twice()
    {
        LinkBudgets budgets = Open(_files);
        DateTime today = _time.Now;
        Assert.True(budgets.TrySpend(Link, default, Budget, isBeyond: false));
        foreach (int days in new[] { -1, 0, -400, 0, -1, 0 })
        {
            _time.Now = today.AddDays(days);
            Assert.False(budgets.TrySpend(Link, default, 1, isBeyond: false));
        }

        budgets.Close();
        _time.Now = new DateTime(1970, 1, 1);
        budgets = Open(_files);
        Assert.False(budgets.TrySpend(Link, default, 1, isBeyond: false));
        // The clock that was wrong was the first: a day has passed in any case.
        _time.Elapse(TimeSpan.FromHours(23));
        Assert.False(budgets.TrySpend(Link, default, 1, isBeyond: false));
        _time.Elapse(TimeSpan.FromHours(1));
        Assert.True(budgets.TrySpend(Link, default, Budget, isBeyond: false));
        Assert.False(budgets.TrySpend(Link, default, 1, isBeyond: false));
    }

    [Fact]
    public void Nothing_is_spent_that_the_disk_does_not_take_down()
    {
        LinkBudgets budgets = Open(_files);
        _files.BeforeFlush = static _ => throw new IOException("No space left.");
        Assert.False(budgets.TrySpend(Link, default, 1, isBeyond: false));
        Assert.True(budgets.TrySpend(new LinkOptions { Name = "depot", Word = "depot" }, default, 1, isBeyond: false));
        _files.BeforeFlush = null;
        Assert.True(budgets.TrySpend(Link, default, 1, isBeyond: false));
    }

    [Fact]
    public void A_damaged_file_counts_as_none()
    {
        LinkBudgets budgets = Open(_files);
        Assert.True(budgets.TrySpend(Link, default, Budget, isBeyond: false));
        byte[] bytes = _files.Read(LinkBudgets.FileName);
        bytes[20] ^= 1;
        _files.Write(LinkBudgets.FileName, bytes);
        Assert.Equal(Budget, Left(_files));
    }

    [Fact]
    public void The_rate_holds_over_a_minute_within_a_twentieth()
    {
        LinkOptions link = new() { Name = "lte", Word = "lte", BytesPerSecond = 100_000 };
        LinkMeter meter = new(link, default, Open(_files), _time);
        long sent = 0;
        TimeSpan elapsed = default;
        while (elapsed < TimeSpan.FromMinutes(1))
        {
            if (meter.Delay is { } delay && delay > TimeSpan.Zero)
            {
                // A timer is late.
                delay += TimeSpan.FromMilliseconds(3);
                _time.Elapse(delay);
                elapsed += delay;
                continue;
            }

            Assert.InRange(meter.PartBytesMax, 4096, 25_000);
            Assert.True(meter.TrySpend(meter.PartBytesMax, isChunk: true, isMarked: false));
            sent += meter.PartBytesMax;
        }

        Assert.Equal(6_000_000, sent, 300_000.0);
    }

    public void Dispose() => _files.Dispose();

    private static long Left(LinkBudgets budgets) => budgets.TryRead(Link, default, out LinkSpent spent) ? spent.DayLeft!.Value : -1;

    private long Left(ISpoolFiles files) => Left(Open(files));

    private LinkBudgets Open(ISpoolFiles files) => new(files, _time, NullLogger.Instance);

    /// <summary>A clock that is set, beside one that runs on.</summary>
    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public DateTime Now { get; set; } = new(2026, 11, 22, 8, 0, 0);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Elapse(TimeSpan time) => _ticks += time.Ticks;

        public override long GetTimestamp() => _ticks;

        public override DateTimeOffset GetUtcNow() => new(Now, TimeSpan.Zero);
    }
}
