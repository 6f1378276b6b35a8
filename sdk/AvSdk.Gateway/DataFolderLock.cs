namespace AvSdk.Gateway;

/// <summary>
/// One gateway a data folder: held as long as the gateway runs, released by the kernel when it dies.
/// </summary>
public sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <summary>Takes <paramref name="folder"/>, which exists, for this process.</summary>
    /// <exception cref="IOException">Another gateway holds it.</exception>
    public static DataFolderLock Take(string folder)
    {
        string path = Path.Combine(folder, "gateway.lock");
        try
        {
            return new DataFolderLock(
                new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException failure)
            when (failure is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new IOException(
                $"The data folder {Path.GetFullPath(folder)} is in use by another gateway ({path}). "
                + "Stop that one, or give this one a folder of its own.",
                failure);
        }
    }

    /// <summary>Releases the folder.</summary>
    public void Dispose() => _file.Dispose();
}
