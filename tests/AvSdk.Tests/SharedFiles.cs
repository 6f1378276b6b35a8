namespace AvSdk.Tests;

/// <summary>The recordings beside the repository, in <c>../shared</c>. Without them a test skips and says so.</summary>
internal static class SharedFiles
{
    /// <summary>The repository's root: the folder that holds <c>AvSdk.sln</c>.</summary>
    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>The full path of a file under <c>../shared</c>; skips the running test where it is absent.</summary>
    public static string Require(params string[] relative)
    {
        string path = Path.Combine([RepositoryRoot, "..", "shared", .. relative]);
        if (!File.Exists(path) && !Directory.Exists(path))
            Assert.Skip($"not here: ../shared/{string.Join('/', relative)}");
        return Path.GetFullPath(path);
    }

    private static string FindRepositoryRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "AvSdk.sln")))
                return at.FullName;
        }

        throw new InvalidOperationException("AvSdk.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
