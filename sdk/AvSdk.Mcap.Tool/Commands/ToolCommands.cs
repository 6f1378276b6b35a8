using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>The command line: what there is, and what it is called.</summary>
internal static class ToolCommands
{
    // After an interrupt: long enough to delete what was half written.
    private static readonly TimeSpan s_cleanUp = TimeSpan.FromSeconds(30);

    public static RootCommand Create(ToolConsole console)
    {
        RootCommand root = new(
            "Looks into MCAP files, mends, cuts, merges and converts them, on disk or over HTTP.")
        {
            InfoCommand.Create(console),
            ListCommand.Create(console),
            CatCommand.Create(console),
            DuCommand.Create(console),
            DoctorCommand.Create(console),
            RecoverCommand.Create(console),
            FilterCommand.Create(console),
            MergeCommand.Create(console),
            SortCommand.Create(console),
            CompressCommand.Create(console),
            CompressCommand.CreateReverse(console),
            ConvertCommand.Create(console),
            AttachmentsCommand.Create(console),
            MetadataCommand.Create(console),
        };
        HelpWithExamples.AddTo(root);
        return root;
    }

    public static async Task<int> InvokeAsync(string[] arguments, ToolConsole console)
    {
        RootCommand root = Create(console);
        ParseResult parsed = root.Parse(arguments.Length == 0 ? ["--help"] : arguments);
        if (parsed.Action is null or ParseErrorAction)
        {
            console.Remark(UsageError.Sentence(parsed));
            return ExitCode.Usage;
        }

        try
        {
            int code;
            StreamWriter output = new(console.Output, new UTF8Encoding(false), leaveOpen: true);
            await using (output.ConfigureAwait(false))
            {
                code = await parsed.InvokeAsync(new InvocationConfiguration
                {
                    Output = output,
                    Error = console.Errors,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = s_cleanUp,
                }).ConfigureAwait(false);
            }

            await console.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            return arguments.Length == 0 ? ExitCode.Usage : code;
        }
        catch (IOException e) when (CommandRun.IsNobodyReading(e))
        {
            return ExitCode.Done;
        }
    }
}
