using System.CommandLine;
using AvSdk.Mcap.Tool.Edits;
using AvSdk.Mcap.Tool.Outputs;
using AvSdk.Mcap.Tool.Progress;
using AvSdk.Mcap.Tool.Reports;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>Runs an edit into a file that appears once it is whole, and says what was written.</summary>
internal static class EditRun
{
    /// <summary>As the other overload, with a writer that is finished behind the edit.</summary>
    public static int IntoWriter(
        ToolConsole console, ParseResult parsed, OutputOptions output, bool asJson, McapWriterOptions options,
        Func<McapWriter, IProgress<WorkDone>?, EditReport> edit) =>
        IntoFile(console, parsed, output, asJson, (sink, progress) =>
        {
            using McapWriter writer = new(sink, options);
            EditReport report = edit(writer, progress);
            writer.Finish();
            return report;
        });

    public static int IntoFile(
        ToolConsole console, ParseResult parsed, OutputOptions output, bool asJson,
        Func<IMcapSink, IProgress<WorkDone>?, EditReport> edit)
    {
        using OutputFile file = output.CreateFile(parsed);
        EditReport report = ProgressBar.Run(
            console, parsed.CommandResult.Command.Name, progress => edit(file.Sink, progress));
        report = report with { Bytes = file.Commit() };
        console.Write(asJson ? ReportJson.Text(report) : Text(output.Name(parsed), report));
        return ExitCode.Done;
    }

    private static string Text(string name, EditReport report)
    {
        string text = $"{name}: {Quantities.Count(report.Messages)} messages on {report.Channels} channels, "
            + $"{report.Attachments} attachments, {report.Metadata} metadata, {Quantities.Bytes(report.Bytes)}";
        return report.ChunksCopied == 0 ? text + "\n" : text + $"; {report.ChunksCopied} chunks copied as they were\n";
    }
}
