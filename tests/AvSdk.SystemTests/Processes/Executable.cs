namespace AvSdk.SystemTests.Processes;

/// <summary>
/// A program under test: the published one where the environment names it (<c>AVSDK_AGENT</c>,
/// <c>AVSDK_GATEWAY</c>), else what the build left.
/// </summary>
internal sealed record Executable(string Path, string Kind, IReadOnlyDictionary<string, string> Environment)
{
    // The agent's build output asks for the agent's framework; what is installed may be newer.
    private static readonly Dictionary<string, string> RollForward = new() { ["DOTNET_ROLL_FORWARD"] = "Major" };

    public static Executable Agent { get; } = Find("AVSDK_AGENT", "agent/AvAgent", "avagent");

    public static Executable Gateway { get; } = Find("AVSDK_GATEWAY", "agent/AvGateway", "avgateway");

    private static Executable Find(string variable, string project, string name)
    {
        if (System.Environment.GetEnvironmentVariable(variable) is { Length: > 0 } published)
        {
            if (!File.Exists(published))
                throw new InvalidOperationException($"{variable} names {published}, which is not there.");
            return new(published, "published", RollForward);
        }

        // bin/Release/net10.0 of this project: the others are built alike.
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string folder = System.IO.Path.Combine(SharedFiles.RepositoryRoot, project, "bin", configuration);
        string? built = Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, name, SearchOption.AllDirectories)
                .Where(file => File.Exists(file + ".dll"))
                .MaxBy(File.GetLastWriteTimeUtc)
            : null;
        return built is null
            ? throw new InvalidOperationException($"No {name} below {folder}: build {project} first, or set {variable}.")
            : new(built, "build output", RollForward);
    }
}
