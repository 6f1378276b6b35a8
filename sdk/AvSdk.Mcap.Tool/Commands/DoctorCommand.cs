using System.CommandLine;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Progress;
using AvSdk.Mcap.Tool.Reports;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap doctor FILE</c>.</summary>
internal static class DoctorCommand
{
    private const string NoMagicCode = "magic";

    public static Command Create(ToolConsole console)
    {
        Argument<string> file = CommonOptions.File();
        Option<bool> strict = new("--strict") { Description = "Warnings count as errors for the exit code." };
        Option<bool> json = CommonOptions.Json();
        ToolCommand command = new(
            "doctor",
            "Checks all of a file: framing, checksums, definitions, indexes, statistics; and says what makes it slow to "
            + $"read. Exit code {ExitCode.Incomplete}: there are errors.",
            "av-mcap doctor drive.mcap",
            "av-mcap doctor drive.mcap --strict --json")
        {
            file, strict, json,
        };
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            McapCheckReport check = ProgressBar.Run(console, "checking", progress => McapDoctor.Check(
                input.Sequential, null, BytesDone.Of(progress, input.Source.Length), cancellationToken));
            CheckReport report = CheckReport.Of(input.Name, check);
            console.Write(parsed.GetValue(json) ? ReportJson.Text(report) : report.ToText());
            if (check.Messages == 0 && check.CountsByCode.ContainsKey(NoMagicCode))
                return ExitCode.Unreadable;
            bool isGood = check.IsGood && !(parsed.GetValue(strict) && check.WarningCount > 0);
            return isGood ? ExitCode.Done : ExitCode.Incomplete;
        });
        return command;
    }
}
