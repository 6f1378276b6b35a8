using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Agent;

public sealed class CommandLineTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Version_names_the_program_and_the_runtime()
    {
        output.WriteLine($"agent: {Executable.Agent.Kind}, {Executable.Agent.Path}");
        await using TestProcess version = await TestProcess.RunAsync(Executable.Agent, "version");

        Assert.Equal(0, version.ExitCode);
        Assert.Matches(@"^avagent/\d+\.\d+\.\d+ \.NET \d+", version.Output);
    }

    [Fact]
    public async Task Help_lists_the_commands()
    {
        await using TestProcess help = await TestProcess.RunAsync(Executable.Agent, "--help");

        Assert.Equal(0, help.ExitCode);
        foreach (string command in (string[])["check", "version"])
            Assert.Contains($"  {command} ", help.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chek")]
    [InlineData("check")]
    [InlineData("check", "--config")]
    public async Task A_wrong_command_line_is_exit_code_2_and_says_why(params string[] arguments)
    {
        await using TestProcess wrong = await TestProcess.RunAsync(Executable.Agent, arguments);

        Assert.Equal(2, wrong.ExitCode);
        Assert.NotEmpty(wrong.Errors);
    }
}
