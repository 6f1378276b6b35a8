using System.CommandLine;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Progress;
using AvSdk.Mcap.Tool.Reports;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap du FILE</c>.</summary>
internal static class DuCommand
{
    public static Command Create(ToolConsole console)
    {
        Argument<string> file = CommonOptions.File();
        Option<bool> json = CommonOptions.Json();
        ToolCommand command = new(
            "du",
            "Where a file's bytes go, by topic and by kind of record. Reads all of it. A topic's part of a compressed "
            + "chunk is taken as large as its part before compression.",
            "av-mcap du drive.mcap",
            "av-mcap du drive.mcap --json | jq '.topics[0]'")
        {
            file, json,
        };
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using McapStreamReader reader = input.OpenStream(cancellationToken);
            DiskUseReport report = ProgressBar.Run(console, "reading", progress =>
                DiskUse.Of(input.Name, input.Source.Length, reader, progress, cancellationToken));
            console.Write(parsed.GetValue(json) ? ReportJson.Text(report) : DiskUseText.Of(report));
            return ExitCode.Done;
        });
        return command;
    }
}
