using System.Text.Json;

namespace AvSdk.Tests.McapTool.Commands;

/// <summary>The eight damaged drives: what the commands say and which exit code they end with.</summary>
public sealed class DamagedFileTests
{
    [Theory]
    [InlineData("channel_missing_schema.streaming", 0)]
    [InlineData("chunk_uncompressed_size_2pow60.lz4", 0)]
    [InlineData("duplicate_channel_id.streaming", 3)]
    [InlineData("empty_file", 4)]
    [InlineData("flipped_byte_in_compressed_chunk.zstd", 3)]
    [InlineData("missing_footer.zstd", 0)]
    [InlineData("truncated_mid_chunk.lz4", 3)]
    [InlineData("zeroed_4k_page.uncompressed", 3)]
    public async Task Recover_says_by_its_exit_code_whether_anything_was_lost(string name, int exitCode)
    {
        string path = SharedFiles.Require("drives", "damaged", name + ".mcap");
        using ToolFolder folder = new();
        ToolRun run = await ToolRun.OfAsync("recover", path, "-o", folder.At("out.mcap"), "--json");
        Assert.True(run.ExitCode == exitCode, $"{run.ExitCode}\n{run.Errors}\n{run.Output}");
        if (exitCode == 4)
        {
            Assert.Empty(folder.Files);
            Assert.Contains("nothing of an MCAP file is left", run.Errors, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(exitCode == 3, run.Json.GetProperty("lossy").GetBoolean());
        Assert.Equal(exitCode == 3, run.Json.GetProperty("skipped").GetArrayLength() > 0);
        using JsonDocument truth = JsonDocument.Parse(
            await File.ReadAllBytesAsync(SharedFiles.Require("drives", "damaged", name + ".expect.json"), TestContext.Current.CancellationToken));
        long atLeast = truth.RootElement.GetProperty("intact_prefix").GetProperty("total_messages").GetInt64();
        Assert.True(run.Json.GetProperty("messages").GetInt64() >= atLeast);
        JsonElement info = (await ToolRun.DoneAsync("info", folder.At("out.mcap"), "--json")).Json;
        Assert.Equal(run.Json.GetProperty("messages").GetInt64(), info.GetProperty("messages").GetInt64());
        await ToolRun.DoneAsync("doctor", folder.At("out.mcap"));
        Assert.Equal(["out.mcap"], folder.Files);
    }

    [Theory]
    [InlineData("channel_missing_schema.streaming", 3)]
    [InlineData("chunk_uncompressed_size_2pow60.lz4", 3)]
    [InlineData("duplicate_channel_id.streaming", 3)]
    [InlineData("empty_file", 4)]
    [InlineData("flipped_byte_in_compressed_chunk.zstd", 3)]
    [InlineData("missing_footer.zstd", 3)]
    [InlineData("truncated_mid_chunk.lz4", 3)]
    [InlineData("zeroed_4k_page.uncompressed", 3)]
    public async Task Doctor_finds_what_is_wrong(string name, int exitCode)
    {
        ToolRun run = await ToolRun.OfAsync("doctor", SharedFiles.Require("drives", "damaged", name + ".mcap"), "--json");
        Assert.Equal(exitCode, run.ExitCode);
        Assert.False(run.Json.GetProperty("good").GetBoolean());
        Assert.Contains(run.Json.GetProperty("findings").EnumerateArray(),
            finding => finding.GetProperty("severity").GetString() == "error");
    }

    [Theory]
    [InlineData("rav4_60s.lz4")]
    [InlineData("rav4_60s.zstd")]
    [InlineData("rav4_60s.uncompressed")]
    [InlineData("rav4_60s.streaming")]
    public async Task Doctor_finds_no_error_in_a_good_drive(string name)
    {
        ToolRun run = await ToolRun.DoneAsync("doctor", Drive.Require(name).Path, "--json");
        Assert.True(run.Json.GetProperty("good").GetBoolean());
        Assert.Equal(168_820, run.Json.GetProperty("messages").GetInt64());
    }

    [Theory]
    [InlineData("truncated_mid_chunk.lz4")]
    [InlineData("missing_footer.zstd")]
    public async Task Reports_show_what_is_whole_of_an_unsealed_file_and_say_so(string name)
    {
        string path = SharedFiles.Require("drives", "damaged", name + ".mcap");
        ToolRun info = await ToolRun.OfAsync("info", path, "--json");
        Assert.Equal(3, info.ExitCode);
        Assert.Contains("is not sealed", info.Errors, StringComparison.Ordinal);
        Assert.Contains("av-mcap recover", info.Errors, StringComparison.Ordinal);
        Assert.False(info.Json.GetProperty("sealed").GetBoolean());
        Assert.True(info.Json.GetProperty("messages").GetInt64() >= 1748);
        ToolRun cat = await ToolRun.OfAsync("cat", path, "-t", "/imu");
        Assert.Equal(3, cat.ExitCode);
        Assert.True(cat.Lines.Length >= 63);
    }

    [Theory]
    [InlineData("filter")]
    [InlineData("sort")]
    [InlineData("compress")]
    [InlineData("decompress")]
    public async Task Edits_refuse_a_damaged_file_and_leave_no_output(string command)
    {
        string path = SharedFiles.Require("drives", "damaged", "flipped_byte_in_compressed_chunk.zstd.mcap");
        using ToolFolder folder = new();
        // By topic, so that the filter has to open the chunks.
        string[] more = command == "filter" ? ["--topics", "/can"] : [];
        ToolRun run = await ToolRun.OfAsync([command, path, "-o", folder.At("out.mcap"), .. more]);
        Assert.Equal(4, run.ExitCode);
        Assert.Contains("av-mcap recover", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public async Task Merge_names_the_input_that_is_damaged()
    {
        string good = Drive.Require("rav4_60s.zstd").Path;
        string bad = SharedFiles.Require("drives", "damaged", "flipped_byte_in_compressed_chunk.zstd.mcap");
        using ToolFolder folder = new();
        ToolRun run = await ToolRun.OfAsync("merge", bad, good, "-o", folder.At("out.mcap"));
        Assert.Equal(4, run.ExitCode);
        Assert.Contains(bad, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(good, run.Errors, StringComparison.Ordinal);
        Assert.Empty(folder.Files);
    }
}
