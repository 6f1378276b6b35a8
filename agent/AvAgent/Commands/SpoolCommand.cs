using System.CommandLine;
using AvSdk.Mcap;
using AvSdk.Recording;
using AvSdk.Recording.Inspection;
using AvSdk.Recording.Spool;

namespace AvSdk.Agent.Commands;

/// <summary><c>avagent spool ls | check | repair | export</c>: a spool by its files, without an agent.</summary>
internal static class SpoolCommand
{
    private const string SpoolDefault = "/var/lib/avagent/spool";

    public static Command Create() => new("spool",
        "Looks into a spool, checks it, repairs it, or takes data out of it. All but `repair` only read, also while an agent "
        + "runs on it.")
    {
        CreateList(), CreateCheck(), CreateRepair(), CreateExport(),
    };

    private static Command CreateList() => CreateReport("ls",
        "Lists recordings, lanes, chunks, times, and what became of them.",
        static (files, cancellationToken) =>
        {
            SpoolListing listing = SpoolInspection.List(files, cancellationToken);
            return new SpoolAnswer(SpoolText.Lines(listing), json => SpoolJson.Write(json, listing), ExitCode.Done);
        });

    private static Command CreateCheck() => CreateReport("check",
        "Reads every byte: framing, hashes and their chain, CRCs, messages and the journal. Changes nothing. "
        + $"Exit code {ExitCode.Done}: good; {ExitCode.Damaged}: damage found. "
        + "What a kill left unfinished is told, and is no damage.",
        static (files, cancellationToken) =>
        {
            SpoolCheckReport report = SpoolInspection.Check(files, cancellationToken);
            return new SpoolAnswer(
                SpoolText.Lines(report), json => SpoolJson.Write(json, report),
                report.IsGood ? ExitCode.Done : ExitCode.Damaged);
        });

    private static Command CreateReport(
        string name, string description, Func<ISpoolFiles, CancellationToken, SpoolAnswer> run)
    {
        Option<string> spool = SpoolOption();
        Option<string> config = AgentCommands.ConfigOption(isRequired: false);
        Option<bool> asJson = JsonOption();
        Command command = new(name, description) { spool, config, asJson };
        command.SetAction((parsed, cancellationToken) =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            return AgentCommands.TryAsync(console.Error, () =>
            {
                if (FindSpool(parsed.GetValue(spool), parsed.GetValue(config), console.Error) is not { } folder)
                    return Task.FromResult(ExitCode.Misconfigured);
                using ISpoolFiles files = FolderSpoolFiles.OpenReadOnly(folder);
                return Task.FromResult(run(files, cancellationToken).Print(parsed.GetValue(asJson), console.Output));
            });
        });
        return command;
    }

    private static Command CreateRepair()
    {
        Option<string> spool = SpoolOption();
        Option<string> config = AgentCommands.ConfigOption(isRequired: false);
        Option<bool> asJson = JsonOption();
        Command command = new("repair",
            "Puts right what can be, while no agent runs: torn tails are cut and sealed, whole chunks of damaged segments go "
            + "to new ones, and the old ones are kept as *.damaged; the journal is written anew. Running it twice does "
            + $"no harm. Exit code {ExitCode.Done}: the spool is good now.")
        {
            spool, config, asJson,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            return AgentCommands.TryAsync(console.Error, () =>
            {
                if (FindSpool(parsed.GetValue(spool), parsed.GetValue(config), console.Error) is not { } folder)
                    return Task.FromResult(ExitCode.Misconfigured);
                if (!Directory.Exists(folder))
                    throw new RecorderException($"There is no folder {folder}: name the folder of a spool with --spool DIR.");
                using FolderSpoolFiles files = FolderSpoolFiles.OpenFolder(folder);
                SpoolRepairReport report = SpoolInspection.Repair(files, TimeProvider.System, cancellationToken);
                return Task.FromResult(new SpoolAnswer(
                    SpoolText.Lines(report), json => SpoolJson.Write(json, report), ExitCode.Done)
                    .Print(parsed.GetValue(asJson), console.Output));
            });
        });
        return command;
    }

    private static Command CreateExport()
    {
        Option<string> spool = SpoolOption();
        Option<string> config = AgentCommands.ConfigOption(isRequired: false);
        Option<bool> asJson = JsonOption();
        Option<string> output = new("--output", "-o")
        {
            Description = "The file to write; it appears under its name once it is whole.",
            Required = true,
            HelpName = "FILE.mcap",
        };
        Option<bool> force = new("--force") { Description = "Replaces a file that is there." };
        Option<Guid?> recording = new("--recording", "-r") { Description = "One recording. Default: all.", HelpName = "ID" };
        Option<string[]> topics = new("--topics", "-t")
        {
            Description = "Topics, or globs: * within a level, ** over levels. Default: all.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "TOPIC",
        };
        Option<DateTimeOffset?> from = LogTimes.Option("--from", "Messages from this log time on");
        Option<DateTimeOffset?> to = LogTimes.Option("--to", "Messages before this log time");
        Command command = new("export",
            "Writes what is in the spool as one MCAP file, so that it can be saved from a car by hand. "
            + $"Exit code {ExitCode.Done}: all of it; {ExitCode.Damaged}: damaged chunks were left out, and told.")
        {
            spool, config, output, force, recording, topics, from, to, asJson,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            return AgentCommands.TryAsync(console.Error, () =>
            {
                if (FindSpool(parsed.GetValue(spool), parsed.GetValue(config), console.Error) is not { } folder)
                    return Task.FromResult(ExitCode.Misconfigured);
                SpoolExportSelection selection = new()
                {
                    RecordingId = parsed.GetValue(recording),
                    Topics = parsed.GetValue(topics) ?? [],
                    From = LogTimes.Nanoseconds(parsed.GetValue(from)) ?? 0,
                    To = LogTimes.Nanoseconds(parsed.GetValue(to)),
                };
                return Task.FromResult(Export(
                    folder, Path.GetFullPath(parsed.GetValue(output)!), parsed.GetValue(force), selection, cancellationToken)
                    .Print(parsed.GetValue(asJson), console.Output));
            });
        });
        return command;
    }

    private static SpoolAnswer Export(
        string folder, string path, bool force, SpoolExportSelection selection, CancellationToken cancellationToken)
    {
        if (File.Exists(path) && !force)
            throw new IOException($"{path} exists: name another file, or replace it with --force.");
        using ISpoolFiles files = FolderSpoolFiles.OpenReadOnly(folder);
        string partial = path + ".partial";
        File.Delete(partial);
        SpoolExportReport report;
        try
        {
            using (DurableFile file = DurableFile.Create(partial))
            {
                report = SpoolInspection.Export(files, file, selection, cancellationToken);
                file.Flush();
            }

            File.Move(partial, path, overwrite: true);
            DurableFile.FlushDirectory(Path.GetDirectoryName(path)!);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }

        bool lacks = report.LeftOut.Any(static finding => finding.IsDamage);
        return new SpoolAnswer(
            SpoolText.Lines(report, path), json => SpoolJson.Write(json, report), lacks ? ExitCode.Damaged : ExitCode.Done);
    }

    private static string? FindSpool(string? spool, string? config, TextWriter error) =>
        spool ?? (config is null ? SpoolDefault : CheckCommand.Load(config, error)?.Recorder.SpoolFolder);

    private static Option<string> SpoolOption() => new("--spool")
    {
        Description = $"The spool's folder. Default: the configuration's, else {SpoolDefault}.",
        HelpName = "DIR",
    };

    private static Option<bool> JsonOption() => new("--json") { Description = "Prints JSON." };
}
