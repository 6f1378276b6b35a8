using System.CommandLine;
using System.Text;
using System.Text.Json;
using AvSdk.Agent.Configuration;
using AvSdk.Ingestion;

namespace AvSdk.Agent.Commands;

/// <summary><c>avagent status</c>: asks a running agent over its ingest socket.</summary>
internal static class StatusCommand
{
    public const string SocketDefault = "/run/avagent/ingest.sock";

    public static Command Create()
    {
        Option<string> socket = SocketOption();
        Option<string> config = AgentCommands.ConfigOption(isRequired: false);
        Option<bool> asJson = new("--json") { Description = "Prints the agent's answer as it is." };
        Command command = new("status", "Tells how a running agent is.") { socket, config, asJson };
        command.SetAction((parsed, cancellationToken) => AgentCommands.TryAsync(parsed.InvocationConfiguration.Error, async () =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            if (FindSocket(parsed.GetValue(socket), parsed.GetValue(config), error) is not { } path)
                return ExitCode.Misconfigured;
            byte[] answer = await AgentStatus.RequestAsync("unix:" + path, cancellationToken).ConfigureAwait(false);
            Print(answer, parsed.GetValue(asJson), parsed.InvocationConfiguration.Output);
            return ExitCode.Done;
        }));
        return command;
    }

    public static Option<string> SocketOption() => new("--socket", "-s")
    {
        Description = $"The agent's socket: a path, or unix:PATH. Default: the configuration's, else {SocketDefault}.",
        HelpName = "PATH",
    };

    /// <summary>The socket's path: as given, else the configuration's first, else the default; null after an error was told.</summary>
    public static string? FindSocket(string? socket, string? config, TextWriter error)
    {
        if (socket is not null)
            return Path.GetFullPath(socket.StartsWith("unix:", StringComparison.Ordinal) ? socket[5..] : socket);
        if (config is null)
            return SocketDefault;
        if (CheckCommand.Load(config, error) is not { } configuration)
            return null;
        if (configuration.Sources.OfType<SocketSource>().FirstOrDefault() is { } source)
            return source.Path;
        error.WriteLine($"{config}: no source of type \"socket\". Name the agent's socket with --socket PATH.");
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
        JsonElement status = document.RootElement;
        JsonElement uplink = status.GetProperty("uplink");
        output.WriteLine($"recording  {status.GetProperty("recording")} of {status.GetProperty("vehicle")}, since {status.GetProperty("startedAt")}");
        output.WriteLine($"memory     {status.GetProperty("memoryBytes")} bytes; spool {status.GetProperty("spoolBytes")} bytes; disk free {status.GetProperty("freeBytes")} bytes");
        output.WriteLine($"uplink     {uplink.GetProperty("state")} {uplink.GetProperty("name")} {uplink.GetProperty("lastError")}".TrimEnd());
        foreach (JsonElement lane in status.GetProperty("lanes").EnumerateArray())
            output.WriteLine($"lane       {lane.GetProperty("name"),-12} {lane.GetProperty("pendingChunks"),6} chunks pending, "
                + $"{lane.GetProperty("pendingBytes"),12} bytes{(lane.GetProperty("isFull").GetBoolean() ? ", FULL" : "")}");
        foreach (JsonElement topic in status.GetProperty("topics").EnumerateArray())
            output.WriteLine($"topic      {topic.GetProperty("topic"),-30} {topic.GetProperty("accepted"),10} accepted, "
                + $"{topic.GetProperty("delivered"),10} delivered{Drops(topic.GetProperty("dropped"))}");
    }

    private static string Drops(JsonElement dropped) => string.Concat(
        dropped.EnumerateObject().Select(static drop => $", {drop.Value} dropped ({drop.Name})"));
}
