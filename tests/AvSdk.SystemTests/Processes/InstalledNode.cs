namespace AvSdk.SystemTests.Processes;

/// <summary>Node.js with modules of npm; without them the test skips, and says what is missing.</summary>
internal static class InstalledNode
{
    public static Executable Require(params string[] modules)
    {
        string folder = Environment.GetEnvironmentVariable("AVSDK_NODE_MODULES") is { Length: > 0 } own
            ? own
            : Path.Combine(SharedFiles.RepositoryRoot, "artifacts", "npm", "node_modules");
        foreach (string module in modules)
        {
            if (!Directory.Exists(Path.Combine(folder, module)))
                Assert.Skip($"no {module} in {folder}: npm install --prefix artifacts/npm {string.Join(' ', modules)}");
        }

        return new Executable(
            InstalledTool.Require("node", "nodejs"), "installed", new Dictionary<string, string> { ["NODE_PATH"] = folder });
    }
}
