namespace AvSdk.Tests.McapTool.Commands;

/// <summary>The official suite's files: every shape that a good file can have.</summary>
public sealed class ConformanceFileTests
{
    [Theory]
    [InlineData("NoData", 0)]
    [InlineData("OneMessage", 1)]
    [InlineData("OneSchemalessMessage", 1)]
    [InlineData("OneAttachment", 0)]
    [InlineData("OneMetadata", 0)]
    [InlineData("TenMessages", 10)]
    public async Task Every_command_takes_every_file(string kind, int messages)
    {
        string[] files = Directory.GetFiles(SharedFiles.Require("mcap-conformance", kind), "*.mcap");
        Assert.NotEmpty(files);
        using ToolFolder folder = new();
        foreach (string file in files)
        {
            ToolRun info = await ToolRun.DoneAsync("info", file, "--json");
            Assert.True(messages == info.Json.GetProperty("messages").GetInt32(), file);
            Assert.Equal(messages, (await ToolRun.DoneAsync("cat", file)).Lines.Length);
            Assert.NotEqual(1, (await ToolRun.OfAsync("doctor", file)).ExitCode);
            await ToolRun.DoneAsync("du", file);
            foreach (string edit in new[] { "compress", "sort", "filter", "recover" })
            {
                await ToolRun.DoneAsync(edit, file, "-o", folder.At("out.mcap"), "--force");
                ToolRun copy = await ToolRun.DoneAsync("info", folder.At("out.mcap"), "--json");
                Assert.True(messages == copy.Json.GetProperty("messages").GetInt32(), $"{edit} {file}");
            }
        }
    }
}
