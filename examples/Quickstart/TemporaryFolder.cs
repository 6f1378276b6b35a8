namespace AvSdk.Quickstart;

/// <summary>A folder that is gone when the program ends.</summary>
internal sealed class TemporaryFolder(string prefix) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory(prefix + "-");

    /// <summary>A folder in it, made now.</summary>
    public string Of(string name) => _folder.CreateSubdirectory(name).FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}

/// <summary>Reports on the thread that has something to report, in order.</summary>
internal sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
