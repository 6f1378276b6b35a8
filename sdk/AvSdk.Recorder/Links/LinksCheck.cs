using System.Globalization;
using System.Net;

namespace AvSdk.Recording.Links;

/// <summary>What must hold of <see cref="LinksOptions"/>.</summary>
internal static class LinksCheck
{
    private const int LinksMax = 16;

    public static void AddTo(List<OptionProblem> problems, LinksOptions options, IReadOnlyList<LaneOptions> lanes)
    {
        void Add(string key, string value, string remedy) => problems.Add(new OptionProblem("Links." + key, value, remedy));
        if (options.Links.Count > LinksMax)
            Add("Links", Text(options.Links.Count), $"name at most {LinksMax} links");
        if (options.Command.Count > 0 && string.IsNullOrWhiteSpace(options.Command[0]))
            Add("Command", options.Command[0], "give the path of a program, then its arguments");
        Between("CommandTimeout", options.CommandTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
        Between("Period", options.Period, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Between("UtcOffset", options.UtcOffset, TimeSpan.FromHours(-14), TimeSpan.FromHours(14));
        if (options.UtcOffset.Ticks % TimeSpan.TicksPerMinute != 0)
            Add("UtcOffset", options.UtcOffset.ToString("c", CultureInfo.InvariantCulture), "give whole minutes");
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int at = 0; at < options.Links.Count; at++)
        {
            LinkOptions link = options.Links[at];
            if (!names.Add(link.Name))
                Add($"Links[{at}].Name", link.Name, "two links have this name: rename or remove one");
            foreach (OptionProblem problem in ProblemsOf(link, options, lanes))
                Add($"Links[{at}].{problem.Key}", problem.Value, problem.Remedy);
        }

        void Between(string key, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
                Add(key, value.ToString("c", CultureInfo.InvariantCulture), $"at least {least:c} and at most {most:c}");
        }
    }

    private static List<OptionProblem> ProblemsOf(
        LinkOptions link, LinksOptions options, IReadOnlyList<LaneOptions> lanes)
    {
        List<OptionProblem> problems = [];
        if (!RecorderOptionsCheck.IsPlainName(link.Name))
            problems.Add(new OptionProblem("Name", link.Name, "a link's name is 1 to 64 of a-z 0-9 _ -"));
        if (link is { Interface: null, Address: null, Word: null })
        {
            problems.Add(new OptionProblem(
                "Interface", "", "say by what it is known: an interface, an address or a word of the command"));
        }

        // IFNAMSIZ of Linux, with the byte that ends it.
        if (link.Interface is { } name && (name.Length is 0 or > 15 || name.Contains('/', StringComparison.Ordinal)))
        {
            problems.Add(new OptionProblem(
                "Interface", name, "give the name of a network interface, 1 to 15 characters, for example wlan0"));
        }

        if (link.Address is { } network && !IsNetwork(network))
            problems.Add(new OptionProblem("Address", network, "give a network in CIDR notation, for example 10.4.0.0/16"));
        if (link.Word is { } word && options.Command.Count == 0)
            problems.Add(new OptionProblem("Word", word, "no command says a word: give one, or remove this"));
        List<string> names = [];
        foreach (LaneOptions lane in lanes)
            names.Add(lane.Name);
        foreach (string lane in link.Lanes ?? [])
        {
            if (!names.Contains(lane))
                problems.Add(new OptionProblem("Lanes", lane, $"no such lane; the lanes are {string.Join(", ", names)}"));
        }

        if (link.Lanes is { Count: 0 })
            problems.Add(new OptionProblem("Lanes", "", "name lanes, or leave it out for all"));
        AtLeast("BytesPerDay", link.BytesPerDay, 64 << 10);
        AtLeast("BytesPerMonth", link.BytesPerMonth, 64 << 10);
        AtLeast("BytesPerSecond", link.BytesPerSecond, 1 << 10);
        if (link.Dscp is < 0 or > 63)
            problems.Add(new OptionProblem("Dscp", Text(link.Dscp.Value), "0 to 63"));
        if (!Enum.IsDefined(link.WhenUsedUp))
            problems.Add(new OptionProblem("WhenUsedUp", link.WhenUsedUp.ToString(), "Nothing, Catalogue or Marked"));
        return problems;

        void AtLeast(string key, long? value, long least)
        {
            if (value < least)
                problems.Add(new OptionProblem(key, Text(value.Value), $"at least {Text(least)} bytes"));
        }
    }

    // .NET 10 takes any address of a network for its name, .NET 9 does not.
    private static bool IsNetwork(string text) =>
        IPNetwork.TryParse(text, out IPNetwork network)
        && IPAddress.TryParse(text.AsSpan(0, text.IndexOf('/')), out IPAddress? address) && address.Equals(network.BaseAddress);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
