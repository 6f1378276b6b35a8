using System.Runtime.InteropServices;
using System.Text.Json;
using AvSdk.SystemTests.Packages;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.McapTool;

/// <summary>The tool as its users get it.</summary>
public sealed class ToolPackageTests
{
    [Fact]
    public async Task Installs_from_its_package_and_runs()
    {
        string drive = SharedFiles.Require("drives", "rav4_60s.lz4.mcap");
        PackedPackages packages = await PackedPackages.GetAsync();
        using TemporaryFolder folder = new();
        folder.Write("nuget.config", "<configuration><packageSources><clear /></packageSources></configuration>");
        Dictionary<string, string> environment = new()
        {
            ["NUGET_PACKAGES"] = folder.At("cache"),
            // Where this process's own runtime is; the tool's starter looks there.
            ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
        };
        await PackedPackages.DotnetAsync(
            environment, "tool", "install", "AvSdk.Mcap.Tool", "--version", packages.Version,
            "--tool-path", folder.At("tools"), "--configfile", folder.At("nuget.config"), "--add-source", packages.Folder);

        Executable installed = new(folder.At("tools", "av-mcap"), "installed", environment);
        await using TestProcess info = await TestProcess.RunAsync(installed, "info", drive, "--json");
        Assert.True(info.ExitCode == 0, info.Describe());
        Assert.Equal(168_820, JsonDocument.Parse(info.Output).RootElement.GetProperty("messages").GetInt64());
    }
}
