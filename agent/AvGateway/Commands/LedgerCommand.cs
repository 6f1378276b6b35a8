using System.CommandLine;
using System.Text;
using System.Text.Json;
using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;

namespace AvSdk.GatewayHost.Commands;

/// <summary><c>avgateway ledger RECORDING --data DIR</c>: what became of every message of a recording.</summary>
internal static class LedgerCommand
{
    public static Command Create()
    {
        Argument<Guid> recording = new("RECORDING") { Description = "The recording's id." };
        Option<string> data = new("--data", "-d")
        {
            Description = "The gateway's data folder; the gateway may be running.",
            HelpName = "DIR",
            Required = true,
        };
        Option<bool> asJson = new("--json") { Description = "As JSON, as /v1/ledger.json has it." };
        Command command = new(
            "ledger", "Tells what became of every message of a recording: the vehicle's ledger set against the store.")
        {
            recording, data, asJson,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(recording), parsed.GetValue(data)!, parsed.GetValue(asJson),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        Guid recording, string data, bool asJson, TextWriter output, TextWriter errors,
        CancellationToken cancellationToken)
    {
        string path = Path.Combine(data, "index.db");
        if (!File.Exists(path))
        {
            await errors.WriteLineAsync($"avgateway: there is no {path}; name a gateway's data folder.")
                .ConfigureAwait(false);
            return ExitCode.Misconfigured;
        }

        try
        {
            SqliteChunkIndex index = new(path);
            await using (index.ConfigureAwait(false))
            {
                await index.OpenAsync(cancellationToken).ConfigureAwait(false);
                LedgerSources? sources = await index.ReadLedgerAsync(recording, cancellationToken)
                    .ConfigureAwait(false);
                if (sources is null)
                {
                    await errors.WriteLineAsync($"avgateway: recording {recording} is not known here.")
                        .ConfigureAwait(false);
                    return ExitCode.Failed;
                }

                await WriteAsync(LedgerReconciliation.Reconcile(sources), asJson, output).ConfigureAwait(false);
                return ExitCode.Done;
            }
        }
        catch (IOException failure)
        {
            await errors.WriteLineAsync("avgateway: " + failure.Message).ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    private static async Task WriteAsync(LedgerReport report, bool asJson, TextWriter output)
    {
        if (!asJson)
        {
            foreach (string line in LedgerReportText.Lines(report))
                await output.WriteLineAsync(line).ConfigureAwait(false);
            return;
        }

        using MemoryStream bytes = new();
        Utf8JsonWriter json = new(bytes);
        await using (json.ConfigureAwait(false))
            LedgerReportJson.Write(report, json);
        await output.WriteLineAsync(Encoding.UTF8.GetString(bytes.ToArray())).ConfigureAwait(false);
    }
}
