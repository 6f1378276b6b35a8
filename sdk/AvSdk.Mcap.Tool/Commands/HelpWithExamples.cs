using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>The help of a command, its examples, and at the top level the exit codes.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    // What is asked for is shown, whatever else is wrong with the line.
    public override bool ClearsParseErrors => true;

    public static void AddTo(RootCommand root)
    {
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help })
                option.Action = new HelpWithExamples(help);
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is ToolCommand { Examples.Count: > 0 } command)
        {
            output.WriteLine(command.Examples.Count == 1 ? "Example:" : "Examples:");
            foreach (string example in command.Examples)
                output.WriteLine("  " + example);
            output.WriteLine();
        }
        else if (parseResult.CommandResult.Command is RootCommand)
        {
            output.WriteLine(ExitCode.Explanation);
            output.WriteLine("\"av-mcap COMMAND --help\" says more, with examples.");
            output.WriteLine();
        }

        output.Flush();
        return code;
    }
}
