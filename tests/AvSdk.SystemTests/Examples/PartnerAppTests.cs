using AvSdk.SystemTests.Packages;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Examples;

/// <summary>A partner's project, which has the packages and nothing else of ours.</summary>
public sealed class PartnerAppTests
{
    [Fact]
    public async Task Publishes_and_queries_through_the_packed_package()
    {
        await PackedPackages.GetAsync();
        await PackedPackages.DotnetAsync(
            new Dictionary<string, string>(),
            "build", Path.Combine(SharedFiles.RepositoryRoot, "examples", "PartnerApp"), "-c", ExampleProgram.Configuration, "-v", "q");

        using GatewaySetup setup = new();
        await using TestProcess gateway = await setup.StartAsync();
        await using TestProcess partner = await TestProcess.RunAsync(ExampleProgram.PartnerApp, setup.Address);
        Assert.True(partner.ExitCode == 0, partner.Describe());
        Assert.Contains("published 500 samples", partner.Output, StringComparison.Ordinal);
        Assert.Contains("queried 500 samples", partner.Output, StringComparison.Ordinal);
    }
}
