using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.McapTool;

/// <summary>What only a process of its own can show: pipes, signals, a disk that refuses.</summary>
public sealed class ToolProcessTests
{
    private const int SigInt = 2;

    [Theory]
    [InlineData(SigInt)]
    [InlineData(TestProcess.SigTerm)]
    public async Task An_interrupt_leaves_no_output_and_no_part_of_one(int signal)
    {
        string drive = SharedFiles.Require("drives", "rav4_60s.uncompressed.mcap");
        using TemporaryFolder folder = new();
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using FileSystemWatcher watcher = new(folder.Path);
        watcher.Created += (_, _) => begun.TrySetResult();
        watcher.EnableRaisingEvents = true;

        // Twenty times the same drive, compressed as hard as can be: it is not done before the signal comes.
        string[] inputs = [.. Enumerable.Repeat(drive, 20)];
        await using TestProcess merge = TestProcess.Start(
            ToolProgram.Built, ["merge", .. inputs, "-o", folder.At("out.mcap"), "-c", "lz4", "--level", "12"]);
        await begun.Task.WaitAsync(Deadlines.Step, TestContext.Current.CancellationToken);
        merge.Signal(signal);
        Assert.Equal(130, await merge.WaitForExitAsync());
        Assert.Equal("av-mcap: interrupted; no output was left.", merge.Errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task A_disk_that_refuses_ends_the_run_with_a_sentence_and_no_output()
    {
        string drive = SharedFiles.Require("drives", "rav4_60s.lz4.mcap");
        using TemporaryFolder folder = new();
        // The limit on a file's size stands for a full disk: 100 blocks of 1 KiB. Its signal is ignored, so that the
        // write fails, and the runtime is kept from a large file of its own.
        await using TestProcess run = await TestProcess.RunAsync(
            ToolProgram.Shell, "-c",
            "trap '' XFSZ; ulimit -f 100; export DOTNET_EnableWriteXorExecute=0; "
            + $"exec '{ToolProgram.Built.Path}' filter '{drive}' -o '{folder.At("out.mcap")}'");
        Assert.True(run.ExitCode == 1, run.Describe());
        Assert.StartsWith("av-mcap: ", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', run.Errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task A_pipe_that_nobody_reads_any_more_ends_the_run_in_silence()
    {
        string drive = SharedFiles.Require("drives", "rav4_60s.lz4.mcap");
        await using TestProcess run = await TestProcess.RunAsync(
            ToolProgram.Shell, "-c",
            $"'{ToolProgram.Built.Path}' cat '{drive}' | head -n 1; echo \"${{PIPESTATUS[0]}}\"");
        string[] lines = run.Output.Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("{\"topic\":\"/pose\"", lines[0], StringComparison.Ordinal);
        Assert.Equal("0", lines[1]);
        Assert.Empty(run.Errors);
    }

    [Fact]
    public async Task Two_runs_into_one_file_stand_one_after_the_other()
    {
        string drive = SharedFiles.Require("drives", "rav4_60s.lz4.mcap");
        using TemporaryFolder folder = new();
        await using TestProcess run = await TestProcess.RunAsync(
            ToolProgram.Shell, "-c",
            $"{{ '{ToolProgram.Built.Path}' cat '{drive}' -n 1; '{ToolProgram.Built.Path}' cat '{drive}' -n 2; }} > '{folder.At("out")}'");
        Assert.True(run.ExitCode == 0, run.Describe());
        Assert.Equal(3, (await File.ReadAllLinesAsync(folder.At("out"), TestContext.Current.CancellationToken)).Length);
    }
}
