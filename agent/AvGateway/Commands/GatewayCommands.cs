using System.CommandLine;

namespace AvSdk.GatewayHost.Commands;

/// <summary>The command line: what there is, and what it is called.</summary>
internal static class GatewayCommands
{
    public static async Task<int> InvokeAsync(string[] arguments)
    {
        RootCommand root = new(
            "Takes in what vehicles record, keeps it, and serves it by vehicle, time and topic.")
        {
            RunCommand.Create(),
            RebuildIndexCommand.Create(),
            LedgerCommand.Create(),
            DevCertsCommand.Create(),
            VersionCommand.Create(),
        };
        ParseResult parsed = root.Parse(arguments);

        // Signals are the host's: a terminating handler here would cut the sealing of packs short.
        int code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null })
            .ConfigureAwait(false);
        return parsed.Errors.Count > 0 ? ExitCode.Misconfigured : code;
    }
}
