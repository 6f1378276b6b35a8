using System.Globalization;
using AvSdk.Recording;

namespace AvSdk.Agent.Configuration;

/// <summary>The <c>links</c> section: which links there are, what each carries and may cost.</summary>
internal static class LinkReader
{
    private const string CommandExample = """["/usr/lib/avagent/link-class"]""";

    public static LinksOptions Read(ConfigurationSection? section)
    {
        LinksOptions options = new();
        if (section is null)
            return options;

        options = options with
        {
            Command = section.Texts("command", CommandExample) ?? options.Command,
            CommandTimeout = section.Duration("commandTimeout", "400 ms") ?? options.CommandTimeout,
            Period = section.Duration("period", "500 ms") ?? options.Period,
            UtcOffset = ReadOffset(section) ?? options.UtcOffset,
        };
        List<LinkOptions> links = [];
        foreach (ConfigurationSection link in section.Sections("order") ?? [])
            links.Add(ReadLink(link));
        section.Done();
        if (links.Count == 0 && !section.Problems.HasKey(section.PathOf("order")))
            section.Problems.AddMissing(section.PathOf("order"), "Name at least one link, or remove the section.");
        return options with { Links = links };
    }

    private static LinkOptions ReadLink(ConfigurationSection section)
    {
        LinkOptions link = new()
        {
            Name = section.Text("name", "lte", isRequired: true) ?? "",
            Interface = section.Text("interface", "wwan0"),
            Address = section.Text("address", "10.4.0.0/16"),
            Word = section.Text("word", "lte-roaming"),
            Lanes = section.Texts("lanes", """["events", "telemetry"]"""),
            PriorityMin = section.Integer("priorityMin"),
            Live = section.Flag("live"),
            BytesPerDay = section.Size("bytesPerDay", "500 MB"),
            BytesPerMonth = section.Size("bytesPerMonth", "10 GB"),
            WhenUsedUp = section.Choice("whenUsedUp", isRequired: false,
                ("nothing", LinkUsedUp.Nothing), ("catalogue", LinkUsedUp.Catalogue), ("marked", LinkUsedUp.Marked))
                ?? LinkUsedUp.Nothing,
            BytesPerSecond = section.Size("bytesPerSecond", "250 kB"),
            Dscp = section.Integer("dscp", 0, 63),
            Windows = ReadWindows(section),
            Gateway = section.Text("gateway", "https://gateway.depot.example:8443"),
        };
        section.Done();
        return link;
    }

    private static List<LinkWindow> ReadWindows(ConfigurationSection section)
    {
        List<LinkWindow> windows = [];
        foreach (string text in section.Texts("windows", """["22:00-06:00"]""") ?? [])
        {
            if (LinkWindow.TryParse(text) is { } window)
                windows.Add(window);
            else
                section.Problems.Add(section.PathOf("windows"), ConfigurationSection.Quote(text),
                    "Expected hours of the day, such as \"22:00-06:00\"; they may cross midnight.");
        }

        return windows;
    }

    private static TimeSpan? ReadOffset(ConfigurationSection section)
    {
        if (section.Text("utcOffset", "+01:00") is not { } text)
            return null;
        bool isBehind = text.StartsWith('-');
        string digits = text.TrimStart('+', '-');
        if (text.Length - digits.Length <= 1 && TimeSpan.TryParseExact(
            digits, @"hh\:mm", CultureInfo.InvariantCulture, out TimeSpan offset))
        {
            return isBehind ? -offset : offset;
        }

        section.Problems.Add(section.PathOf("utcOffset"), ConfigurationSection.Quote(text),
            "Expected hours and minutes ahead of UTC, such as \"+01:00\".");
        return null;
    }
}
