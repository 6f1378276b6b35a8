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
        string copied = report.ChunksCopied == 0 ? ""
            : $"; {Quantities.Of(report.ChunksCopied, "chunk")} copied as they were";
        return $"{name}: {Quantities.Of((long)report.Messages, "message")} on {Quantities.Of(report.Channels, "channel")}, "
            + $"{Quantities.Of(report.Attachments, "attachment")}, {report.Metadata} metadata, "
            + Quantities.Bytes(report.Bytes) + copied + "\n";
    }
}
