using System.Diagnostics;

namespace AvSdk.Tests.Tidy;

/// <summary>The files that belong to the repository: what git tracks or would, without what it ignores.</summary>
internal static class SourceTree
{
    public static IReadOnlyList<string> Files { get; } = List();

    public static IEnumerable<string> CSharp(params string[] folders) =>
        Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal)
            && (folders.Length == 0 || folders.Any(folder => file.StartsWith(folder + "/", StringComparison.Ordinal))));

    public static string Read(string relative) =>
        File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, relative));

    public static string[] Lines(string relative) =>
        File.ReadAllLines(Path.Combine(SharedFiles.RepositoryRoot, relative));

    private static string[] List()
    {
        ProcessStartInfo git = new("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = SharedFiles.RepositoryRoot,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(git)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(file => File.Exists(Path.Combine(SharedFiles.RepositoryRoot, file)))];
    }
}
