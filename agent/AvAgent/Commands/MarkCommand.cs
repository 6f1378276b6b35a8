using System.CommandLine;
using System.CommandLine.Parsing;
using AvSdk.Agent.Configuration;
using AvSdk.Ingestion;
using AvSdk.Recording;

namespace AvSdk.Agent.Commands;

/// <summary><c>avagent mark NAME</c>: marks a moment in a running agent, over its ingest socket.</summary>
internal static class MarkCommand
{
    public static Command Create()
    {
        Argument<string> name = new("NAME") { Description = "What happened: 1 to 128 bytes, such as hard_brake." };
        Option<TimeSpan> before = WindowOption("--before", "How much before it is kept.", TimeSpan.FromSeconds(10));
        Option<TimeSpan> after = WindowOption("--after", "How much after it is kept.", TimeSpan.FromSeconds(5));
        Option<string> socket = StatusCommand.SocketOption();
        Option<string> config = AgentCommands.ConfigOption(isRequired: false);
        Command command = new("mark",
            "Marks the moment of the latest message: what is recorded around it is kept until the gateway has it, and "
            + "goes there first.")
        {
            name, before, after, socket, config,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            RecordingMark mark = new()
            {
                Id = Guid.CreateVersion7(),
                Name = parsed.GetValue(name)!,
                Before = parsed.GetValue(before),
                After = parsed.GetValue(after),
                Metadata = new Dictionary<string, string> { ["source"] = "avagent mark" },
            };
            return AgentCommands.TryAsync(error, () => MarkAsync(
                mark, StatusCommand.FindSocket(parsed.GetValue(socket), parsed.GetValue(config), error),
                parsed.InvocationConfiguration.Output, error, cancellationToken));
        });
        return command;
    }

    private static async Task<int> MarkAsync(
        RecordingMark mark, string? socket, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (mark.Problem() is { } problem)
        {
            error.WriteLine($"avagent: {problem}");
            return ExitCode.Misconfigured;
        }

        if (socket is null)
            return ExitCode.Misconfigured;
        await AgentMark.RequestAsync("unix:" + socket, mark, cancellationToken).ConfigureAwait(false);
        output.WriteLine($"marked {mark.Name} {mark.Id}");
        return ExitCode.Done;
    }

    private static Option<TimeSpan> WindowOption(string name, string description, TimeSpan byDefault) => new(name)
    {
        Description = description + " At most 1 h.",
        HelpName = "DURATION",
        DefaultValueFactory = _ => byDefault,
        CustomParser = argument => Parse(name, argument),
    };

    private static TimeSpan Parse(string name, ArgumentResult argument)
    {
        if (Quantity.TryParseDuration(argument.Tokens[0].Value, out TimeSpan duration))
            return duration;
        argument.AddError($"{name}: expected a duration with its unit (us, ms, s, min, h), such as 10s.");
        return default;
    }
}
