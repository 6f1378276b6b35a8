using AvSdk.Mcap.Tool.Commands;
using Spectre.Console;

namespace AvSdk.Mcap.Tool.Progress;

/// <summary>A bar on standard error while long work runs; gone when it ends.</summary>
internal static class ProgressBar
{
    /// <summary>Runs the work, with a bar if somebody watches.</summary>
    /// <param name="label">What is being done, in a word.</param>
    public static T Run<T>(ToolConsole console, string label, Func<IProgress<WorkDone>?, T> work)
    {
        if (!console.ShowsProgress)
            return work(null);
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(console.Errors),
        });
        return terminal.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn(), new SpinnerColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(label));
                task.IsIndeterminate = true;
                return work(new Bar(task));
            });
    }

    private sealed class Bar(ProgressTask task) : IProgress<WorkDone>
    {
        public void Report(WorkDone value)
        {
            if (value.Total is not long total)
                return;
            task.IsIndeterminate = false;
            task.MaxValue = Math.Max(total, 1);
            task.Value = value.Done;
        }
    }
}
