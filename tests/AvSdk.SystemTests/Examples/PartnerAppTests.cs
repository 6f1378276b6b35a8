using System.Globalization;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Examples;

/// <summary>A partner's project, which has the packages and nothing else of ours.</summary>
public sealed class PartnerAppTests
{
    [Fact]
    public async Task Publishes_and_queries_through_the_packed_package()
    {
        string packages = Path.Combine(SharedFiles.RepositoryRoot, "artifacts", "packages");
        if (Directory.Exists(packages))
            Directory.Delete(packages, recursive: true);
        // A version of its own each time: a package cache keeps what it has of a version for ever.
        string version = string.Create(
            CultureInfo.InvariantCulture, $"0.1.0-local.{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}");
        await DotnetAsync(
            "pack", Path.Combine(SharedFiles.RepositoryRoot, "AvSdk.sln"), "-c", ExampleProgram.Configuration, "--no-build",
            "-o", packages, "-p:Version=" + version, "-v", "q");
        await DotnetAsync(
            "build", Path.Combine(SharedFiles.RepositoryRoot, "examples", "PartnerApp"), "-c", ExampleProgram.Configuration, "-v", "q");

        using GatewaySetup setup = new();
        await using TestProcess gateway = await setup.StartAsync();
        await using TestProcess partner = await TestProcess.RunAsync(ExampleProgram.PartnerApp, setup.Address);
        Assert.True(partner.ExitCode == 0, partner.Describe());
        Assert.Contains("published 500 samples", partner.Output, StringComparison.Ordinal);
        Assert.Contains("queried 500 samples", partner.Output, StringComparison.Ordinal);
    }

    private static async Task DotnetAsync(params string[] arguments)
    {
        await using TestProcess dotnet = TestProcess.Start(ExampleProgram.Dotnet, arguments);
        int code = await dotnet.WaitForExitAsync(TimeSpan.FromMinutes(10));
        Assert.True(code == 0, dotnet.Describe());
    }
}
