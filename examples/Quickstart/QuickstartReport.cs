using System.Globalization;
using AvSdk.Recording;
using AvSdk.Testing;
using Spectre.Console;

namespace AvSdk.Quickstart;

/// <summary>What was recorded against what came back.</summary>
internal sealed class QuickstartReport
{
    private const string Viewer = "https://lichtblick-suite.github.io/lichtblick/";

    private readonly TopicResult[] _topics;
    private readonly LedgerSummary _ledger;
    private readonly TimeSpan _elapsed;
    private readonly ulong _payloadBytes;
    private readonly long _wireBytes;
    private readonly List<(string Topic, string Type, ulong Messages)> _typed;

    public QuickstartReport(
        DriveSource.Truth truth, DriveHash queried, LedgerSummary ledger,
        List<(string Topic, string Type, ulong Messages)> typed, TimeSpan elapsed, long wireBytes, string export)
    {
        _topics =
        [
            .. truth.Hash.Topics.Union(queried.Topics).Order(StringComparer.Ordinal).Select(topic => new TopicResult(
                topic, truth.Schemas.GetValueOrDefault(topic, ""),
                truth.Hash.MessagesOf(topic), truth.Hash.MessagesOf(topic) == 0 ? "" : truth.Hash.Sha256Of(topic),
                queried.MessagesOf(topic), queried.MessagesOf(topic) == 0 ? null : queried.Sha256Of(topic))),
        ];
        _ledger = ledger;
        _typed = typed;
        _elapsed = elapsed;
        _payloadBytes = truth.Hash.PayloadBytes;
        _wireBytes = wireBytes;
        Export = export;
    }

    /// <summary>Where the whole drive can be had as one MCAP file, while the gateway runs.</summary>
    public string Export { get; }

    public bool IsIdentical =>
        _topics.Length > 0 && _topics.All(topic => topic.IsIdentical) && _ledger.Dropped == 0
        && _typed.All(read => _topics.Single(topic => topic.Topic == read.Topic).Messages == read.Messages);

    private ulong Messages => Sum(topic => topic.Messages);

    private ulong Queried => Sum(topic => topic.Queried);

    public void Print()
    {
        // Narrow enough for a terminal of 80 columns.
        Table table = new() { Border = TableBorder.Simple };
        foreach (string name in new[] { "topic", "type", "recorded", "queried", "by type", "SHA-256" })
            table.AddColumn(new TableColumn(name).NoWrap().PadLeft(0).PadRight(1));
        foreach (int column in new[] { 2, 3, 4 })
            table.Columns[column].RightAligned();
        foreach (TopicResult topic in _topics)
        {
            ulong? typed = _typed.Where(read => read.Topic == topic.Topic).Select(read => (ulong?)read.Messages).FirstOrDefault();
            table.AddRow(
                Markup.Escape(topic.Topic), Markup.Escape(topic.Schema.Length == 0 ? "(no schema)" : topic.Schema.Split('.')[^1]),
                Number(topic.Messages), Number(topic.Queried), typed is { } count ? Number(count) : "-",
                topic.IsIdentical ? $"[green]= {topic.Sha256[..8]}[/]" : "[red]DIFFERS[/]");
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated(
            $"{Number(Messages)} messages, {_payloadBytes / 1e6:0.0} MB of payload, {_wireBytes / 1e6:0.0} MB over the link, {_elapsed.TotalSeconds:0.0} s");
        AnsiConsole.MarkupLineInterpolated(
            $"delivered {Number(_ledger.Delivered)}, queried {Number(Queried)}, dropped {Number(_ledger.Dropped)}");
        AnsiConsole.MarkupLine(IsIdentical
            ? "[green]identical[/]: every topic came back as it was recorded"
            : "[red]NOT identical[/]: see the table");
        // Not through the console's layout, which would break the links.
        Console.WriteLine($"export   {Export}");
        Console.WriteLine($"viewer   {Viewer}?ds=remote-file&ds.url={Uri.EscapeDataString(Export)}");
    }

    public string ToJson() => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"messages\":{Messages},\"delivered\":{_ledger.Delivered},\"queried\":{Queried},\"dropped\":{_ledger.Dropped},\"identical\":{(IsIdentical ? "true" : "false")},\"seconds\":{_elapsed.TotalSeconds:0.000},\"bytes\":{_payloadBytes},\"wire_bytes\":{_wireBytes}}}");

    private static string Number(ulong value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private ulong Sum(Func<TopicResult, ulong> count) => _topics.Aggregate(0UL, (sum, topic) => sum + count(topic));
}
