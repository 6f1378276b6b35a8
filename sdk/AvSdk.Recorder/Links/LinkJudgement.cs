using System.Globalization;
using System.Net;

namespace AvSdk.Recording.Links;

/// <summary>What is to be said of a link: a function of the options, what was seen, what was spent, and the clock.</summary>
/// <param name="Link">The link.</param>
/// <param name="Class">The command's word while it is there; without one its name.</param>
/// <param name="State">Never <see cref="LinkState.Used"/>: that is a choice.</param>
/// <param name="Why">Why it is not ready.</param>
/// <param name="Until">When that ends by itself.</param>
/// <param name="From">Its address in the network that the options name; null: they name none.</param>
internal sealed record LinkJudgement(
    LinkOptions Link, string Class, LinkState State, string? Why, DateTimeOffset? Until, IPAddress? From)
{
    private bool CanCarry =>
        State == LinkState.Ready || (State == LinkState.UsedUp && Link.WhenUsedUp != LinkUsedUp.Nothing);

    /// <summary>The one to use: the first that carries all that it may, else the first that carries something.</summary>
    public static LinkJudgement? Choose(IReadOnlyList<LinkJudgement> links)
    {
        foreach (LinkJudgement link in links)
        {
            if (link.State == LinkState.Ready)
                return link;
        }

        foreach (LinkJudgement link in links)
        {
            if (link.CanCarry)
                return link;
        }

        return null;
    }

    public static LinkJudgement Of(LinkOptions link, LinkFacts facts, LinkMeter meter, TimeSpan utcOffset, DateTimeOffset now)
    {
        string @class = facts.Word ?? link.Name;
        LinkJudgement Not(LinkState state, string why, DateTimeOffset? until = null) =>
            new(link, @class, state, why, until, null);

        if (WhyDown(link, facts, out IPAddress? from) is { } down)
            return Not(LinkState.Down, down);
        DateTimeOffset local = now.ToOffset(utcOffset);
        if (NextOpening(link.Windows, local) is { } opens)
            return Not(LinkState.Closed, "no window is open", opens);
        if (meter.IsUsedUp)
        {
            if (meter.Spent is not { } spent)
                return Not(LinkState.UsedUp, "the disk does not say what was spent");
            bool isMonth = spent.MonthLeft <= spent.DayLeft.GetValueOrDefault(long.MaxValue);
            DateTimeOffset until = isMonth
                ? LinkBudgets.EndOfMonth(spent.MonthNumber, utcOffset)
                : LinkBudgets.EndOfDay(spent.DayNumber, utcOffset);
            string why = isMonth ? "the month's budget is used up" : "the day's budget is used up";
            return Not(LinkState.UsedUp, why, until) with { From = from };
        }

        return new LinkJudgement(link, @class, LinkState.Ready, null, null, from);
    }

    private static string? WhyDown(LinkOptions link, LinkFacts facts, out IPAddress? from)
    {
        from = null;
        if (link.Interface is { } name)
        {
            LinkInterface? found = Find(facts, name);
            if (found is null)
                return $"there is no interface {name}";
            if (!found.IsUp)
                return $"the interface {name} is down";
        }

        if (link.Address is { } network)
        {
            from = AddressIn(IPNetwork.Parse(network), link.Interface, facts);
            if (from is null)
                return $"no address of {network}";
        }

        if (link.Word is not { } word || word == facts.Word)
            return null;
        return facts.WordProblem ?? (facts.Word is null ? "the command said nothing" : $"the command says {facts.Word}");
    }

    private static LinkInterface? Find(LinkFacts facts, string name)
    {
        foreach (LinkInterface candidate in facts.Interfaces)
        {
            if (candidate.Name == name)
                return candidate;
        }

        return null;
    }

    private static IPAddress? AddressIn(IPNetwork network, string? name, LinkFacts facts)
    {
        foreach (LinkInterface candidate in facts.Interfaces)
        {
            if (!candidate.IsUp || (name is not null && candidate.Name != name))
                continue;
            foreach (IPAddress address in candidate.Addresses)
            {
                if (network.Contains(address))
                    return address;
            }
        }

        return null;
    }

    // Null: one is open.
    private static DateTimeOffset? NextOpening(IReadOnlyList<LinkWindow> windows, DateTimeOffset local)
    {
        if (windows.Count == 0)
            return null;
        TimeOnly time = TimeOnly.FromTimeSpan(local.TimeOfDay);
        DateTimeOffset next = DateTimeOffset.MaxValue;
        foreach (LinkWindow window in windows)
        {
            if (window.Contains(time))
                return null;
            DateTimeOffset opens = new DateTimeOffset(local.Date, local.Offset) + window.From.ToTimeSpan();
            opens = opens < local ? opens.AddDays(1) : opens;
            next = opens < next ? opens : next;
        }

        return next;
    }

    /// <summary>For people.</summary>
    public override string ToString() => Why is null
        ? Link.Name
        : $"{Link.Name}: {Why}"
        + (Until is { } until ? until.ToString(" 'until' yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture) : "");
}
