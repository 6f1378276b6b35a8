using System.Text;
using System.Text.Json;
using AvSdk.Mcap.Tool.Commands;

namespace AvSdk.Tests.McapTool;

/// <summary>One run of the tool in this process, with what it printed.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Errors)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static async Task<ToolRun> OfAsync(params string[] arguments)
    {
        using MemoryStream output = new();
        using StringWriter errors = new();
        int code = await ToolCommands.InvokeAsync(arguments, new ToolConsole(output, errors));
        return new ToolRun(code, Encoding.UTF8.GetString(output.ToArray()), errors.ToString());
    }

    /// <summary>A run that must do all it was asked to.</summary>
    public static async Task<ToolRun> DoneAsync(params string[] arguments)
    {
        ToolRun run = await OfAsync(arguments);
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}\n{run.Errors}\n{run.Output}");
        return run;
    }
}
