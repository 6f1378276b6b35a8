using AvSdk.SystemTests.Examples;
using AvSdk.SystemTests.Processes;

namespace AvSdk.SystemTests.McapTool;

/// <summary>The tool as the build left it.</summary>
internal static class ToolProgram
{
    public static Executable Built { get; } = new(
        Path.Combine(SharedFiles.RepositoryRoot, "sdk", "AvSdk.Mcap.Tool", "bin", ExampleProgram.Configuration, "net10.0", "av-mcap"),
        "build output", new Dictionary<string, string>());

    public static Executable Shell { get; } = new("bash", "system", new Dictionary<string, string>());
}
