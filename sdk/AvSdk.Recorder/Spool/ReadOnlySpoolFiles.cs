namespace AvSdk.Recording.Spool;

/// <summary>
/// A spool's folder for those who only look: not locked, nothing is made, and each file is as long as it was when it was
/// opened. So it can be read beside the recorder that writes it.
/// </summary>
internal sealed class ReadOnlySpoolFiles(string folder) : ISpoolFiles
{
    public string Name => folder;

    public long FreeBytes => new DriveInfo(folder).AvailableFreeSpace;

    public IReadOnlyList<SpoolFileEntry> List()
    {
        List<SpoolFileEntry> entries = [];
        try
        {
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                string name = Path.GetRelativePath(folder, file.FullName).Replace('\\', '/');
                if (name != FolderSpoolFiles.LockName && file.Exists)
                    entries.Add(new SpoolFileEntry(name, file.Length));
            }
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"No permission for {folder}: give this user the right to it.", error);
        }

        entries.Sort(static (x, y) => string.CompareOrdinal(x.Name, y.Name));
        return entries;
    }

    public ISpoolFile Open(string name)
    {
        try
        {
            return ReadOnlySpoolFile.TryOpen(folder, name)
                ?? throw new FileNotFoundException($"There is no {name}: it was deleted.", name);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"No permission for {name} in {folder}: give this user the right to it.", error);
        }
    }

    public ISpoolFile Create(string name) => throw ReadOnly();

    public void Rename(string name, string newName) => throw ReadOnly();

    public void Delete(string name) => throw ReadOnly();

    public void FlushDeletions(string folder) => throw ReadOnly();

    public void Dispose()
    {
    }

    private IOException ReadOnly() => new($"{folder} was opened to be read.");
}
