using System.CommandLine;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;

namespace AvSdk.GatewayHost.Commands;

/// <summary>
/// <c>avgateway rebuild-index --data DIR</c>: for when the index is lost and the packs are not.
/// </summary>
internal static class RebuildIndexCommand
{
    public static Command Create()
    {
        Option<string> data = new("--data", "-d")
        {
            Description = "The data folder of a gateway that is not running.",
            HelpName = "DIR",
            Required = true,
        };
        Command command = new(
            "rebuild-index",
            "Reads all packs into the index, which may be missing. "
            + $"Exit code {ExitCode.Failed}: some packs have problems.")
        {
            data,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(data)!,
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string data, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        string packs = Path.Combine(data, "packs");
        if (!Directory.Exists(packs))
        {
            await errors.WriteLineAsync($"avgateway: there is no {packs}; name a gateway's data folder.")
                .ConfigureAwait(false);
            return ExitCode.Misconfigured;
        }

        try
        {
            using IDisposable mine = AvSdk.Gateway.DataFolderLock.Take(data);
            SqliteChunkIndex index = new(Path.Combine(data, "index.db"));
            FolderPackStore store = new(packs);
            await using (index.ConfigureAwait(false))
            await using (store.ConfigureAwait(false))
            {
                await index.OpenAsync(cancellationToken).ConfigureAwait(false);
                IndexRebuildReport report = await new IndexRebuild(store, index).RunAsync(cancellationToken)
                    .ConfigureAwait(false);
                foreach (string problem in report.Problems)
                    await errors.WriteLineAsync(problem).ConfigureAwait(false);
                await output.WriteLineAsync(
                    $"{report.Packs} packs, {report.Chunks} chunks, {report.Added} of them new to the index, "
                    + $"{report.Problems.Count} problems").ConfigureAwait(false);
                return report.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
            }
        }
        catch (IOException failure)
        {
            await errors.WriteLineAsync("avgateway: " + failure.Message).ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }
}
