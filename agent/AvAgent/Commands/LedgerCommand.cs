using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Recording;

namespace AvSdk.Agent.Commands;

/// <summary>
/// <c>avagent ledger</c>: what became of every message, by the spool's files; <c>avagent ledger verify FILE</c>: whether a
/// ledger is what was written.
/// </summary>
internal static class LedgerCommand
{
    private const string SpoolDefault = "/var/lib/avagent/spool";

    public static Command Create()
    {
        Option<string> spool = new("--spool")
        {
            Description = $"The spool's folder. Default: the configuration's, else {SpoolDefault}.",
            HelpName = "DIR",
        };
        Option<string> config = AgentCommands.ConfigOption(isRequired: false);
        Option<Guid?> recording = new("--recording", "-r")
        {
            Description = "One recording. Default: all that the spool has something of.",
            HelpName = "ID",
        };
        Option<bool> asJson = new("--json") { Description = "As JSON: { \"recordings\": [ ... ] }." };
        Command command = new("ledger",
            "Tells what became of every message of the recordings in a spool. Reads files only: no agent needs to run, "
            + "and one that does may be a minute ahead.")
        {
            spool, config, recording, asJson, CreateVerify(),
        };
        command.SetAction((parsed, _) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            return AgentCommands.TryAsync(error, () => Task.FromResult(Show(
                FindSpool(parsed.GetValue(spool), parsed.GetValue(config), error), parsed.GetValue(recording),
                parsed.GetValue(asJson), parsed.InvocationConfiguration.Output, error)));
        });
        return command;
    }

    private static Command CreateVerify()
    {
        Argument<string> file = new("FILE") { Description = "A ledger: <recording id>.ledger of a spool." };
        Option<string> key = new("--key", "-k")
        {
            Description = "The vehicle's public key, PEM; its private one is as good. Without it signatures are not checked.",
            HelpName = "FILE",
        };
        Command command = new("verify",
            "Checks that a ledger is an unbroken chain and, with a key, that it is signed. "
            + $"Exit code {ExitCode.Done}: it is; {ExitCode.Failed}: it is not.")
        {
            file, key,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            return AgentCommands.TryAsync(error, () => VerifyAsync(
                parsed.GetValue(file)!, parsed.GetValue(key), parsed.InvocationConfiguration.Output, error,
                cancellationToken));
        });
        return command;
    }

    private static string? FindSpool(string? spool, string? config, TextWriter error)
    {
        if (spool is not null)
            return spool;
        if (config is null)
            return SpoolDefault;
        return CheckCommand.Load(config, error)?.Recorder.SpoolFolder;
    }

    private static int Show(string? spool, Guid? recording, bool asJson, TextWriter output, TextWriter error)
    {
        if (spool is null)
            return ExitCode.Misconfigured;
        IReadOnlyList<LedgerReport> reports = SpoolReport.Read(spool, recording);
        if (recording is not null && reports.Count == 0)
        {
            error.WriteLine($"{spool}: nothing of recording {recording} is left here; ask the gateway.");
            return ExitCode.Failed;
        }

        if (asJson)
        {
            WriteJson(reports, output);
            return ExitCode.Done;
        }

        foreach (LedgerReport report in reports)
        {
            foreach (string line in LedgerReportText.Lines(report))
                output.WriteLine(line);
        }

        return ExitCode.Done;
    }

    private static void WriteJson(IReadOnlyList<LedgerReport> reports, TextWriter output)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("recordings");
            foreach (LedgerReport report in reports)
                LedgerReportJson.Write(report, json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    private static async Task<int> VerifyAsync(
        string file, string? keyFile, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        byte[] bytes = await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
        using ECDsa? key = keyFile is null ? null : ECDsa.Create();
        if (key is not null)
        {
            string pem = await File.ReadAllTextAsync(keyFile!, cancellationToken).ConfigureAwait(false);
            try
            {
                key.ImportFromPem(pem);
            }
            catch (Exception wrong) when (wrong is ArgumentException or CryptographicException)
            {
                error.WriteLine($"{keyFile}: {wrong.Message} Give an EC key as PEM.");
                return ExitCode.Misconfigured;
            }
        }

        LedgerVerdict verdict = LedgerVerification.Verify(bytes, key);
        output.WriteLine(
            $"recording={verdict.RecordingId?.ToString() ?? "none"} vehicle={verdict.VehicleId} "
            + $"entries={verdict.Entries} parts={verdict.Parts} ended={(verdict.IsEnded ? "yes" : "no")} "
            + $"signed={verdict.SignedEntries} signatures={(key is null ? "unchecked" : "checked")} "
            + $"head={Convert.ToHexStringLower(verdict.HeadSha256.Span)}");
        foreach (string problem in verdict.Problems)
            error.WriteLine($"{file}: {problem}");
        return verdict.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
