using System.CommandLine;
using System.Text;
using System.Text.Json;
using AvSdk.Agent.Configuration;
using AvSdk.Ingestion;

namespace AvSdk.Agent.Commands;

/// <summary><c>avagent status</c>: asks a running agent over its ingest socket.</summary>
internal static class StatusCommand
{
    private const string SocketDefault = "/run/avagent/ingest.sock";
    private const string UnixScheme = "unix:";

    public static Command Create()
    {
        Option<string> socket = SocketOption();
        Option<string> config = AgentCommands.ConfigOption(isRequired: false);
        Option<bool> asJson = new("--json") { Description = "Prints the agent's answer as it is." };
        Command command = new("status", "Tells how a running agent is.") { socket, config, asJson };
        command.SetAction((parsed, cancellationToken) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            return AgentCommands.TryAsync(error, async () =>
            {
                if (FindSocket(parsed.GetValue(socket), parsed.GetValue(config), error) is not { } path)
                    return ExitCode.Misconfigured;
                byte[] answer = await AgentStatus.RequestAsync(UnixScheme + path, cancellationToken)
                    .ConfigureAwait(false);
                Print(answer, parsed.GetValue(asJson), parsed.InvocationConfiguration.Output);
                return ExitCode.Done;
            });
        });
        return command;
    }

    public static Option<string> SocketOption() => new("--socket", "-s")
    {
        Description =
            $"The agent's socket: a path, or unix:PATH. Default: the configuration's, else {SocketDefault}.",
        HelpName = "PATH",
    };

    /// <summary>
    /// The socket's path: as given, else the configuration's first, else the default; null after an error was
    /// told.
    /// </summary>
    public static string? FindSocket(string? socket, string? config, TextWriter error)
    {
        if (socket is not null)
            return Path.GetFullPath(socket.StartsWith(UnixScheme, StringComparison.Ordinal)
                ? socket[UnixScheme.Length..]
                : socket);
        if (config is null)
            return SocketDefault;
        if (CheckCommand.Load(config, error) is not { } configuration)
            return null;
        if (configuration.Sources.OfType<SocketSource>().FirstOrDefault() is { } source)
            return source.Path;
        error.WriteLine(
            $"{config}: no source of type \"socket\". Name the agent's socket with --socket PATH.");
        return null;
    }

    private static void Print(byte[] answer, bool asJson, TextWriter output)
    {
        if (asJson)
        {
            output.WriteLine(Encoding.UTF8.GetString(answer));
            return;
        }

        using JsonDocument document = JsonDocument.Parse(answer);
        foreach (string line in StatusText.Lines(document.RootElement))
            output.WriteLine(line);
    }
}
