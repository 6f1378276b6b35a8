using System.CommandLine;

namespace AvSdk.Mcap.Tool.Commands;

/// <summary>Runs what a command does, and turns whatever ends it early into one sentence and an exit code.</summary>
internal static class CommandRun
{
    // The kernel's number for a pipe that nobody reads any more; the runtime hands it on as it is.
    private const int BrokenPipe = 32;

    public static void Runs(
        this Command command, ToolConsole console, Func<ParseResult, CancellationToken, Task<int>> run) =>
        command.SetAction((parsed, cancellationToken) => RunAsync(console, parsed, run, cancellationToken));

    /// <summary>Whether the output is a pipe whose reader has gone, as <c>head</c> does: nothing is wrong then.</summary>
    public static bool IsNobodyReading(IOException exception) => exception.HResult == BrokenPipe;

    private static async Task<int> RunAsync(
        ToolConsole console,
        ParseResult parsed,
        Func<ParseResult, CancellationToken, Task<int>> run,
        CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                // On a thread of the pool: signals are listened for only once this call has given control back.
                return await Task.Run(() => run(parsed, cancellationToken), CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                // What was printed before an error is as good as it was.
                await console.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            console.Remark("interrupted; no output was left.");
            return ExitCode.Interrupted;
        }
        catch (IOException e) when (IsNobodyReading(e))
        {
            return ExitCode.Done;
        }
        catch (Exception e)
        {
            ToolFailure failure = e as ToolFailure ?? Translate(console, e);
            console.Remark(failure.Message);
            return failure.ExitCode;
        }
    }

    private static ToolFailure Translate(ToolConsole console, Exception exception) => exception switch
    {
        McapException bad => ToolFailure.Unreadable(console.InputName, bad.Error),
        DurableFileException disk => ToolFailure.World(OneSentence(disk.Message) + ".", disk),
        HttpRequestException failed => ToolFailure.World(WithCauses(failed), failed),
        IOException or UnauthorizedAccessException =>
            ToolFailure.World($"{OneSentence(exception.Message)}; see to that and run the command again.", exception),
        _ => ToolFailure.World(
            $"an error of the tool's own ({exception.GetType().Name}: {OneSentence(exception.Message)}); "
            + "please report it with the command line.", exception),
    };

    // The library's own say what to do; the framework's say what happened, and more of it in what is within.
    private static string WithCauses(Exception exception)
    {
        List<string> causes = [];
        for (Exception? at = exception; at is not null; at = at.InnerException)
        {
            if (!causes.Contains(OneSentence(at.Message)))
                causes.Add(OneSentence(at.Message));
        }

        return causes.Count == 1 ? causes[0] + "." : string.Join(": ", causes) + "; check the address and the network.";
    }

    private static string OneSentence(string message) => message.ReplaceLineEndings(" ")
        .Replace(", see inner exception", "", StringComparison.Ordinal).TrimEnd('.', ' ');
}
