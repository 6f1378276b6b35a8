using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.Examples;

/// <summary>Where the examples are, as the build left them.</summary>
internal static class ExampleProgram
{
    public static Executable Quickstart => Built("Quickstart");

    public static Executable PartnerApp => Built("PartnerApp");

    public static Executable Dotnet { get; } = new("dotnet", "sdk", new Dictionary<string, string>());

    /// <summary><c>Release</c>, or what else this was built as.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private static Executable Built(string name) => new(
        Path.Combine(SharedFiles.RepositoryRoot, "examples", name, "bin", Configuration, "net10.0", name),
        "build output", new Dictionary<string, string>());
}
