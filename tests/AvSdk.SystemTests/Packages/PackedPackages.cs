using System.Globalization;
using AvSdk.SystemTests.Examples;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Packages;

/// <summary>Every package of the solution, packed once for all tests of the process.</summary>
/// <param name="Folder">The feed that they are in.</param>
/// <param name="Version">A version of its own each time: a package cache keeps what it has of one for ever.</param>
internal sealed record PackedPackages(string Folder, string Version)
{
    private static readonly Lazy<Task<PackedPackages>> s_packed = new(PackAsync);

    public static Task<PackedPackages> GetAsync() => s_packed.Value;

    /// <summary>The one file of a package.</summary>
    public string FileOf(string package) => Path.Combine(Folder, $"{package}.{Version}.nupkg");

    public static async Task DotnetAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using TestProcess dotnet = TestProcess.Start(ExampleProgram.Dotnet, arguments, environment);
        int code = await dotnet.WaitForExitAsync(TimeSpan.FromMinutes(10));
        Assert.True(code == 0, dotnet.Describe());
    }

    private static async Task<PackedPackages> PackAsync()
    {
        string packages = Path.Combine(SharedFiles.RepositoryRoot, "artifacts", "packages");
        if (Directory.Exists(packages))
            Directory.Delete(packages, recursive: true);
        string version = string.Create(
            CultureInfo.InvariantCulture, $"0.1.0-local.{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}");
        await DotnetAsync(
            new Dictionary<string, string>(),
            "pack", Path.Combine(SharedFiles.RepositoryRoot, "AvSdk.sln"), "-c", ExampleProgram.Configuration, "--no-build",
            "-o", packages, "-p:Version=" + version, "-v", "q");
        return new PackedPackages(packages, version);
    }
}
