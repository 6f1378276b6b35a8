using System.Text.Json;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Examples;

/// <summary>The README's first command, as its users run it.</summary>
public sealed class QuickstartTests
{
    [Theory]
    [InlineData("rav4_60s.lz4.mcap")]
    [InlineData("rav4_60s.zstd.mcap")]
    [InlineData("rav4_60s.uncompressed.mcap")]
    [InlineData("rav4_60s.streaming.mcap")]
    public async Task A_real_drive_comes_back_identical_over_a_link_that_was_cut(string file)
    {
        JsonElement result = await RunAsync("--json", "--input", SharedFiles.Require("drives", file));
        Assert.Equal(168_820UL, result.GetProperty("messages").GetUInt64());
        AssertIdentical(result);
    }

    [Fact]
    public async Task A_simulated_drive_comes_back_identical_over_a_link_that_was_cut()
    {
        JsonElement result = await RunAsync("--json", "--seconds", "5", "--seed", "7");
        Assert.True(result.GetProperty("messages").GetUInt64() > 5_000, result.ToString());
        AssertIdentical(result);
    }

    [Fact]
    public async Task A_real_drive_comes_back_identical_over_a_broker_and_a_link_that_was_cut()
    {
        JsonElement result = await RunAsync(
            "--json", "--uplink", "mqtt", "--input", SharedFiles.Require("drives", "rav4_60s.lz4.mcap"));
        Assert.Equal(168_820UL, result.GetProperty("messages").GetUInt64());
        AssertIdentical(result);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named_with_the_remedy()
    {
        await using TestProcess run = await TestProcess.RunAsync(ExampleProgram.Quickstart, "--input", "/nowhere/drive.mcap");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("There is no file /nowhere/drive.mcap", run.Errors, StringComparison.Ordinal);
    }

    private static void AssertIdentical(JsonElement result)
    {
        Assert.True(result.GetProperty("identical").GetBoolean(), result.ToString());
        Assert.Equal(0UL, result.GetProperty("dropped").GetUInt64());
        Assert.Equal(result.GetProperty("messages").GetUInt64(), result.GetProperty("delivered").GetUInt64());
        Assert.Equal(result.GetProperty("messages").GetUInt64(), result.GetProperty("queried").GetUInt64());
        Assert.True(result.GetProperty("wire_bytes").GetUInt64() > 0, result.ToString());
    }

    private static async Task<JsonElement> RunAsync(params string[] arguments)
    {
        await using TestProcess run = await TestProcess.RunAsync(ExampleProgram.Quickstart, arguments);
        Assert.True(run.ExitCode == 0, run.Describe());
        return JsonDocument.Parse(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
    }
}
