using System.CommandLine;
using AvSdk.Agent.Configuration;

namespace AvSdk.Agent.Commands;

/// <summary><c>avagent check --config FILE</c>: every problem at once, and nothing started.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        Option<string> config = AgentCommands.ConfigOption(isRequired: true);
        Command command = new("check",
            "Reports every problem of a configuration. "
            + $"Exit code {ExitCode.Done}: none; {ExitCode.Misconfigured}: some.")
        {
            config,
        };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(config)!;
            if (Load(file, parsed.InvocationConfiguration.Error) is not { } configuration)
                return ExitCode.Misconfigured;
            if (FolderProbe.WhyNotWritable(configuration.Recorder.SpoolFolder!) is { } reason)
            {
                parsed.InvocationConfiguration.Error.WriteLine(
                    $"note: spool.folder: {reason} Until then an agent records in memory.");
            }

            parsed.InvocationConfiguration.Output.WriteLine($"{file}: ok");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>
    /// The configuration; null after every problem was written to <paramref name="output"/>, a line each.
    /// </summary>
    public static AgentConfiguration? Load(string file, TextWriter output)
    {
        ProblemList problems = new();
        AgentConfiguration? configuration = ConfigurationFile.Read(file, problems);
        if (configuration is not null)
            return configuration;

        int count = problems.Problems.Count;
        output.WriteLine($"{file}: {count} {(count == 1 ? "problem" : "problems")}");
        foreach (ConfigurationProblem problem in problems.Problems)
            output.WriteLine($"  {problem}");
        return null;
    }
}
