using AvSdk.Recording;
using AvSdk.Recording.Links;
using AvSdk.Tests.Recording.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace AvSdk.Tests.Recording.Links;

/// <summary>Which link is used, as a function of what is seen.</summary>
public sealed class LinkJudgementTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_link_is_known_by_its_interface_its_network_and_the_commands_word_all_that_are_given()
    {
        LinkOptions wlan = new() { Name = "depot", Interface = "wlan0", Address = "10.4.0.0/16" };
        LinkFacts facts = new([FakeLinks.Interface("wlan0", true, "fe80::1", "10.4.7.1"), FakeLinks.Interface("wwan0", false)], "lte", null);
        LinkJudgement judged = Judge(wlan, facts);
        Assert.Equal((LinkState.Ready, "lte", "10.4.7.1"), (judged.State, judged.Class, judged.From!.ToString()));

        Assert.Equal("there is no interface wlan1", WhyDown(wlan with { Interface = "wlan1" }, facts));
        Assert.Equal("the interface wwan0 is down", WhyDown(wlan with { Interface = "wwan0" }, facts));
        Assert.Equal("no address of 10.5.0.0/16", WhyDown(wlan with { Address = "10.5.0.0/16" }, facts));
        Assert.Equal("the command says lte", WhyDown(wlan with { Word = "depot" }, facts));
        Assert.Equal("the command said nothing", WhyDown(wlan with { Word = "depot" }, facts with { Word = null }));
        Assert.Equal(LinkState.Ready, Judge(wlan with { Word = "lte" }, facts).State);
    }

    [Fact]
    public void Roaming_is_a_link_of_its_own()
    {
        LinkOptions home = new() { Name = "lte", Interface = "wwan0", Word = "lte" };
        LinkOptions roaming = new() { Name = "lte-roaming", Interface = "wwan0", Word = "lte-roaming" };
        LinkInterface modem = FakeLinks.Interface("wwan0");

        Assert.Equal("lte", Choose(new LinkFacts([modem], "lte", null), home, roaming)!.Link.Name);
        Assert.Equal("lte-roaming", Choose(new LinkFacts([modem], "lte-roaming", null), home, roaming)!.Link.Name);
        Assert.Null(Choose(new LinkFacts([modem], "no-service", null), home, roaming));
    }

    [Theory]
    [InlineData("22:00-06:00", 21, false)]
    [InlineData("22:00-06:00", 22, true)]
    [InlineData("22:00-06:00", 0, true)]
    [InlineData("22:00-06:00", 5, true)]
    [InlineData("22:00-06:00", 6, false)]
    [InlineData("08:00-18:00", 7, false)]
    [InlineData("08:00-18:00", 17, true)]
    [InlineData("08:00-18:00", 18, false)]
    [InlineData("00:00-00:00", 13, true)]
    public void A_window_may_cross_midnight(string window, int hour, bool isOpen)
    {
        LinkOptions link = new() { Name = "lte", Word = "lte", Windows = [LinkWindow.TryParse(window)!] };
        LinkJudgement judged = Judge(link, FakeLinks.Word("lte"), Noon.Date.AddHours(hour), TimeSpan.Zero);
        Assert.Equal(isOpen ? LinkState.Ready : LinkState.Closed, judged.State);
    }

    [Fact]
    public void Windows_go_by_the_configured_clock_and_a_closed_link_says_when_it_opens()
    {
        LinkOptions link = new() { Name = "lte", Word = "lte", Windows = [new(new(22, 0), new(6, 0)), new(new(13, 0), new(14, 0))] };
        LinkJudgement judged = Judge(link, FakeLinks.Word("lte"), Noon.UtcDateTime, TimeSpan.FromHours(3));
        Assert.Equal((LinkState.Closed, Noon.AddHours(7)), (judged.State, judged.Until!.Value));
        Assert.Equal(LinkState.Ready, Judge(link, FakeLinks.Word("lte"), Noon.UtcDateTime, TimeSpan.FromHours(1)).State);
        Assert.Contains("22:00 +03:00", judged.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_that_carries_all_goes_before_one_whose_budget_is_used_up()
    {
        LinkOptions small = new() { Name = "small", Word = "x", BytesPerDay = 64 << 10, WhenUsedUp = LinkUsedUp.Marked };
        LinkOptions large = new() { Name = "large", Word = "x" };
        LinkBudgets budgets = Budgets();
        Assert.True(budgets.TrySpend(small, default, 60_000, isBeyond: false));

        Assert.Equal("large", Choose(budgets, small, large)!.Link.Name);
        LinkJudgement alone = Choose(budgets, small)!;
        Assert.Equal(LinkState.UsedUp, alone.State);
        Assert.Equal("the day's budget is used up", alone.Why);
        Assert.Null(Choose(budgets, small with { WhenUsedUp = LinkUsedUp.Nothing }));
    }

    [Theory]
    [InlineData("22:00")]
    [InlineData("22:00-24:00")]
    [InlineData("22-6")]
    [InlineData("a-b")]
    public void What_is_no_window_is_none(string text) => Assert.Null(LinkWindow.TryParse(text));

    private static LinkBudgets Budgets() => new(new MemoryFiles(), new ManualTime(), NullLogger.Instance);

    private static LinkJudgement? Choose(LinkBudgets budgets, params LinkOptions[] links) => LinkJudgement.Choose(
        [.. links.Select(link => LinkJudgement.Of(
            link, FakeLinks.Word("x"), new LinkMeter(link, default, budgets, new ManualTime()), default, Noon))]);

    private static LinkJudgement? Choose(LinkFacts facts, params LinkOptions[] links) =>
        LinkJudgement.Choose([.. links.Select(link => Judge(link, facts))]);

    private static string? WhyDown(LinkOptions link, LinkFacts facts)
    {
        LinkJudgement judged = Judge(link, facts);
        Assert.Equal(LinkState.Down, judged.State);
        return judged.Why;
    }

    private static LinkJudgement Judge(LinkOptions link, LinkFacts facts) => Judge(link, facts, Noon.UtcDateTime, default);

    private static LinkJudgement Judge(LinkOptions link, LinkFacts facts, DateTime utc, TimeSpan offset) => LinkJudgement.Of(
        link, facts, new LinkMeter(link, offset, Budgets(), new ManualTime()), offset, new DateTimeOffset(utc, TimeSpan.Zero));
}
