using System.CommandLine;
using System.Net.Sockets;
using AvSdk.Mcap;
using AvSdk.Recording;

namespace AvSdk.Agent.Commands;

/// <summary>The command line: what there is, and what it is called.</summary>
internal static class AgentCommands
{
    public static async Task<int> InvokeAsync(string[] arguments)
    {
        RootCommand root = new("Records a vehicle's sensors to a spool on disk, and ships them to a gateway.")
        {
            RunCommand.Create(),
            CheckCommand.Create(),
            ReplayCommand.Create(),
            StatusCommand.Create(),
            MarkCommand.Create(),
            LedgerCommand.Create(),
            SpoolCommand.Create(),
            VersionCommand.Create(),
        };

        ParseResult parsed = root.Parse(arguments);
        // Signals are the host's: a terminating handler here would cut its drain short.
        int code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null })
            .ConfigureAwait(false);
        return parsed.Errors.Count > 0 ? ExitCode.Misconfigured : code;
    }

    /// <summary>
    /// Runs an action; what the world refuses becomes a line and <see cref="ExitCode.Failed"/>.
    /// </summary>
    public static async Task<int> TryAsync(TextWriter error, Func<Task<int>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception refused) when (refused is RecorderException or McapException or IOException
            or SocketException or UnauthorizedAccessException)
        {
            error.WriteLine($"avagent: {refused.Message}");
            return ExitCode.Failed;
        }
    }

    /// <summary>The option that every command reading a configuration has.</summary>
    public static Option<string> ConfigOption(bool isRequired) => new("--config", "-c")
    {
        Description = "The configuration file: JSON, in which comments and trailing commas are allowed.",
        Required = isRequired,
        HelpName = "FILE",
    };
}
