using System.CommandLine;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Progress;
using AvSdk.Mcap.Tool.Reports;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap info FILE</c>.</summary>
internal static class InfoCommand
{
    public static Command Create(ToolConsole console)
    {
        Argument<string> file = CommonOptions.File();
        Option<bool> json = CommonOptions.Json();
        ToolCommand command = new(
            "info",
            "What a file holds: times, chunks, topics, attachments, metadata. Reads the summary alone where there is one.",
            "av-mcap info drive.mcap",
            "av-mcap info https://example.com/drive.mcap --json")
        {
            file, json,
        };
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using McapIndexedReader reader = input.OpenReader(console, out bool isSealed);
            FileReport report = ProgressBar.Run(
                console, "reading", progress => FileSurvey.Of(input, reader, isSealed, progress, cancellationToken));
            console.Write(parsed.GetValue(json) ? ReportJson.Text(report) : FileReportText.Of(report));
            return isSealed ? ExitCode.Done : ExitCode.Incomplete;
        });
        return command;
    }
}
