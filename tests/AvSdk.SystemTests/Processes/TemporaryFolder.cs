namespace AvSdk.SystemTests.Processes;

/// <summary>A folder of the test's own, with a short path, since Unix sockets lie in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("av-").FullName;

    public string At(params string[] relative) => System.IO.Path.Combine([Path, .. relative]);

    public string Write(string name, string text)
    {
        string file = At(name);
        File.WriteAllText(file, text);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
