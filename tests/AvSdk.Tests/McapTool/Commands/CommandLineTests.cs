namespace AvSdk.Tests.McapTool.Commands;

/// <summary>What the tool says to command lines, good and bad.</summary>
public sealed class CommandLineTests
{
    private static readonly string[] s_commands =
    [
        "info", "list", "list channels", "list schemas", "list chunks", "list attachments", "list metadata",
        "list messages", "cat", "du", "doctor", "recover", "filter", "merge", "sort", "compress", "decompress",
        "attachments", "attachments get", "metadata", "metadata get", "convert",
    ];

    public static TheoryData<string> Commands => [.. s_commands];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_has_help_with_an_example(string command)
    {
        ToolRun run = await ToolRun.DoneAsync([.. command.Split(' '), "--help"]);
        Assert.Contains("Example", run.Output, StringComparison.Ordinal);
        Assert.Contains($"av-mcap {command}", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task Without_a_command_the_help_lists_them_and_the_exit_codes()
    {
        ToolRun run = await ToolRun.OfAsync();
        Assert.Equal(2, run.ExitCode);
        Assert.All(s_commands.Where(command => !command.Contains(' ', StringComparison.Ordinal)),
            command => Assert.Contains("\n  " + command, run.Output, StringComparison.Ordinal));
        Assert.Contains("Exit codes: 0 done", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inof x", "no command 'inof': did you mean 'info'?")]
    [InlineData("list chunk x", "no command 'chunk': did you mean 'chunks'?")]
    [InlineData("info x --jsno", "no option '--jsno': did you mean '--json'?")]
    [InlineData("info --jsno x", "no option '--jsno': did you mean '--json'?")]
    [InlineData("filter x -o y --topcs /a", "did you mean '--topics'?")]
    [InlineData("info", "\"av-mcap info --help\"")]
    [InlineData("filter x", "--output")]
    [InlineData("merge x -o y", "av-mcap merge --help")]
    [InlineData("cat x --from noon", "'noon' is not a time; write it like 2018-")]
    [InlineData("cat x --limit -1", "--limit takes a number from 0")]
    [InlineData("cat x --latest-before +1s --to +2s", "leave --from and --to out")]
    [InlineData("cat x --reverse --file-order", "two orders")]
    [InlineData("compress x -o y -c lzma", "'lzma' is no compression: give lz4, zstd or none")]
    [InlineData("compress x -o y --chunk-size 4x", "'4x' is no size")]
    [InlineData("compress x -o y --workers 99", "--workers takes 0 to 64")]
    public async Task A_wrong_line_gets_one_sentence_that_helps(string line, string expected)
    {
        ToolRun run = await ToolRun.OfAsync(line.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Errors, StringComparison.Ordinal);
        Assert.StartsWith("av-mcap: ", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task What_cannot_be_read_is_named_with_the_remedy()
    {
        using ToolFolder folder = new();
        await File.WriteAllTextAsync(folder.At("text"), "This is not an MCAP file.", TestContext.Current.CancellationToken);
        await AssertFails(1, "there is no file", "info", folder.At("none.mcap"));
        await AssertFails(1, "is a folder", "info", folder.Path);
        await AssertFails(4, "is not an MCAP file", "info", folder.At("text"));
        await AssertFails(4, "nothing of an MCAP file is left", "recover", folder.At("text"), "-o", folder.At("out"));
        Assert.Equal(4, (await ToolRun.OfAsync("doctor", folder.At("text"))).ExitCode);
        await AssertFails(1, "create it", "sort", Drive.Require("rav4_60s.lz4").Path, "-o", folder.At("no/where.mcap"));
    }

    [Fact]
    public async Task An_output_that_exists_is_replaced_only_by_force()
    {
        string drive = Drive.Require("rav4_60s.lz4").Path;
        using ToolFolder folder = new();
        await File.WriteAllTextAsync(folder.At("out.mcap"), "dear", TestContext.Current.CancellationToken);
        await AssertFails(1, "--force", "filter", drive, "-o", folder.At("out.mcap"));
        Assert.Equal("dear", await File.ReadAllTextAsync(folder.At("out.mcap"), TestContext.Current.CancellationToken));
        await ToolRun.DoneAsync("filter", drive, "-o", folder.At("out.mcap"), "--force");
        await ToolRun.DoneAsync("doctor", folder.At("out.mcap"));
        // Into itself, too: the input is read to its end before the output takes its name.
        await ToolRun.DoneAsync("decompress", folder.At("out.mcap"), "-o", folder.At("out.mcap"), "--force");
        Assert.Equal(Drive.HashesOf(drive), Drive.HashesOf(folder.At("out.mcap")));
        Assert.Equal(["out.mcap"], folder.Files);
    }

    [Fact]
    public async Task Levels_that_a_compression_does_not_have_are_refused()
    {
        string drive = Drive.Require("rav4_60s.lz4").Path;
        using ToolFolder folder = new();
        await AssertFails(2, "lz4 has no level 13: give 0 to 12", "compress", drive, "-o", folder.At("out"), "-l", "13");
        await AssertFails(2, "leave it out", "compress", drive, "-o", folder.At("out"), "-c", "none", "-l", "1");
        Assert.Empty(folder.Files);
    }

    private static async Task AssertFails(int code, string expected, params string[] arguments)
    {
        ToolRun run = await ToolRun.OfAsync(arguments);
        Assert.True(code == run.ExitCode, $"{run.ExitCode}\n{run.Errors}\n{run.Output}");
        Assert.Contains(expected, run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
