namespace AvSdk.SystemTests.Processes;

/// <summary>What a test needs of the machine; without it the test skips, and says what is missing.</summary>
internal static class InstalledTool
{
    /// <summary>The full path of a command.</summary>
    public static string Require(string command, string package)
    {
        string? path = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':')
            .Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Skip($"no {command} command: install the package {package}");
        return path!;
    }

    public static void RequireRoot(string what)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip($"{what} needs root");
    }

    /// <summary>Runs a command to its end, which must be a good one.</summary>
    public static async Task RunAsync(string command, params string[] arguments)
    {
        await using TestProcess process = await TestProcess.RunAsync(
            new Executable(command, "installed", new Dictionary<string, string>()), arguments);
        Assert.True(process.ExitCode == 0, $"{command} {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{process.Describe()}");
    }
}
