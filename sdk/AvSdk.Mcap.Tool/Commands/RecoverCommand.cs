using System.CommandLine;
using AvSdk.Mcap.Tool.Inputs;
using AvSdk.Mcap.Tool.Outputs;
using AvSdk.Mcap.Tool.Progress;
using AvSdk.Mcap.Tool.Reports;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary><c>av-mcap recover FILE -o OUT</c>.</summary>
internal static class RecoverCommand
{
    public static Command Create(ToolConsole console)
    {
        Argument<string> file = CommonOptions.File();
        Option<string> output = CommonOptions.Output();
        Option<bool> force = CommonOptions.Force();
        Option<bool> salvage = new("--salvage")
        {
            Description = "Also take what is well framed out of chunks whose checksum is wrong: nothing vouches for it.",
        };
        Option<bool> json = CommonOptions.Json();
        ToolCommand command = new(
            "recover",
            "Makes a finished file of one that is cut, damaged or unsealed: all that a checksum or an unbroken row of "
            + "records vouches for, also after the damage, and new indexes. "
            + $"Exit code {ExitCode.Done}: nothing was lost; {ExitCode.Incomplete}: something was, and it says what; "
            + $"{ExitCode.Unreadable}: nothing of an MCAP file is in it, and no output was written.",
            "av-mcap recover broken.mcap -o whole.mcap",
            "av-mcap recover broken.mcap -o whole.mcap --json | jq .skipped")
        {
            file, output, force, salvage, json,
        };
        command.Runs(console, async (parsed, cancellationToken) =>
        {
            string name = parsed.GetValue(output)!;
            using McapInput input = await McapInput.OpenAsync(parsed.GetValue(file)!, console, cancellationToken)
                .ConfigureAwait(false);
            using OutputFile whole = OutputFile.Create(name, parsed.GetValue(force));
            McapRecoveryOptions options = new() { SalvageDamagedChunks = parsed.GetValue(salvage) };
            McapRecoveryReport recovery;
            try
            {
                recovery = ProgressBar.Run(console, "recovering", progress => McapRecovery.Recover(
                    input.Sequential, whole.Sink, options, BytesDone.Of(progress, input.Source.Length), cancellationToken));
            }
            catch (McapException e)
            {
                throw new ToolFailure(ExitCode.Unreadable,
                    $"nothing of an MCAP file is left in {input.Name} (at byte {e.Error.Offset}: expected "
                    + $"{e.Error.Expected}, found {e.Error.Found}); look for another copy of it.", e);
            }

            whole.Commit();
            RecoveryReport report = RecoveryReport.Of(name, recovery);
            console.Write(parsed.GetValue(json) ? ReportJson.Text(report) : report.ToText());
            return recovery.IsLossy ? ExitCode.Incomplete : ExitCode.Done;
        });
        return command;
    }
}
