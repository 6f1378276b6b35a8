using System.Diagnostics;
using System.Globalization;
using System.Text;
using Spectre.Console;

namespace AvSdk.Benchmarks.Ratios;

/// <summary>Runs every comparison, prints the table and, last, one line of JSON.</summary>
internal static class RatioRun
{
    /// <param name="jsonOnly">No table.</param>
    /// <param name="only">One of codec, mcap, record, agent, mqtt, recorder (of which flush, restart, ledger), uplink (of which grpc, urgent, overhead, link); null: all but these two.</param>
    /// <param name="sizes">For the parts that take minutes.</param>
    public static async Task<int> RunAsync(bool jsonOnly, string? only, RatioSizes sizes)
    {
        long start = Stopwatch.GetTimestamp();
        List<Ratio> ratios = [];
        List<string> notes = [];
        List<string> remarks = [];
        if (only is null or "codec")
            CodecRatios.Measure(ratios, notes);
        if (only is null or "mcap")
        {
            McapWriteRatios.Measure(ratios, notes);
            McapReadRatios.Measure(ratios, notes);
        }

        if (only is null or "record")
            await RecordRatios.MeasureAsync(ratios, notes);
        if (only is null or "agent")
            await AgentRatios.MeasureAsync(ratios, notes);
        if (only is null or "mqtt")
            await MqttRatios.MeasureAsync(ratios, notes);
        if (only is "recorder" or "flush")
            await FlushRatios.MeasureAsync(sizes, ratios, remarks);
        if (only is "recorder" or "restart")
            await RestartRatios.MeasureAsync(sizes, ratios, notes, remarks);
        if (only is "recorder" or "ledger")
            await LedgerRatios.MeasureAsync(sizes, ratios);
        if (only is "uplink" or "grpc")
            await UplinkRatios.MeasureAsync(sizes, ratios);
        if (only is "uplink" or "urgent")
            await UrgentRatios.MeasureAsync(ratios, notes);
        if (only is "uplink" or "overhead")
            await OverheadRatios.MeasureAsync(sizes, ratios, notes);
        if (only is "uplink" or "link")
            await LinkRatios.MeasureAsync(sizes, ratios, notes);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (!jsonOnly)
            PrintTable(ratios, notes, remarks, seconds);
        Console.WriteLine(Json(ratios, seconds));
        return 0;
    }

    private static void PrintTable(List<Ratio> ratios, List<string> notes, List<string> remarks, double seconds)
    {
        // GitHub's table syntax, so that the README's table is this output and nothing else.
        Table table = new() { Border = TableBorder.Markdown };
        table.AddColumns("hot path", "ours", "unit", "held against", "theirs", "ratio", "middle half");
        foreach (Ratio ratio in ratios)
        {
            table.AddRow(
                Markup.Escape(ratio.Path), Number(ratio.Ours), ratio.Unit, Markup.Escape(ratio.Peer),
                ratio.Theirs is { } theirs ? Number(theirs) : "", ratio.Value is { } value ? Fixed(value, "0.00") : "",
                ratio is { Low: { } low, High: { } high } ? $"{Fixed(low, "0.00")} to {Fixed(high, "0.00")}" : "");
        }

        IAnsiConsole console = AnsiConsole.Console;
        console.Profile.Width = Math.Max(console.Profile.Width, 160);
        console.Write(table);
        foreach (string remark in remarks)
            Console.WriteLine(remark);
        foreach (string note in notes)
            Console.WriteLine($"not measured: {note}");
        Console.WriteLine($"{ratios.Count} rows in {Fixed(seconds, "0")} s, {Environment.ProcessorCount} cores; MB = 10^6 bytes");
    }

    private static string Json(List<Ratio> ratios, double seconds)
    {
        StringBuilder json = new("{");
        foreach (Ratio ratio in ratios)
        {
            json.Append(CultureInfo.InvariantCulture, $"\"{ratio.Key}\":{{\"ours\":{Fixed(ratio.Ours, "0.###")}");
            if (ratio.Theirs is { } theirs)
                json.Append(CultureInfo.InvariantCulture, $",\"theirs\":{Fixed(theirs, "0.###")},\"ratio\":{Fixed(ratio.Value ?? 0, "0.###")}");
            if (ratio is { Low: { } low, High: { } high })
                json.Append(CultureInfo.InvariantCulture, $",\"low\":{Fixed(low, "0.###")},\"high\":{Fixed(high, "0.###")}");
            json.Append("},");
        }

        return json.Append(CultureInfo.InvariantCulture, $"\"seconds\":{Fixed(seconds, "0.0")}}}").ToString();
    }

    private static string Number(double value) => Fixed(value, value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00");

    private static string Fixed(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
