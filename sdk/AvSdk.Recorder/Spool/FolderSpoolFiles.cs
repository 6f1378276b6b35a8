using AvSdk.Mcap;

namespace AvSdk.Recording.Spool;

/// <summary>A spool in a folder of a file system; what it flushes is durable, or it says why not.</summary>
/// <remarks>One process at a time: the folder is locked through its file <c>lock</c>.</remarks>
public sealed class FolderSpoolFiles : ISpoolFiles
{
    internal const string LockName = "lock";

    private readonly Lock _folders = new();
    private readonly string _folder;
    private readonly FileStream _lock;

    private FolderSpoolFiles(string folder, FileStream folderLock)
    {
        _folder = folder;
        _lock = folderLock;
    }

    /// <inheritdoc/>
    public string Name => _folder;

    /// <inheritdoc/>
    public long FreeBytes => Disk(static folder => new DriveInfo(folder).AvailableFreeSpace, _folder);

    /// <summary>Opens a folder, which is created where there is none, and locks it.</summary>
    /// <exception cref="RecorderException">It cannot be made or written, or another process has
    /// it.</exception>
    public static FolderSpoolFiles OpenFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        string path = Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RecorderException(
                $"The spool folder {path} cannot be made: {error.Message} Create it, or name another (SpoolFolder).", error);
        }

        try
        {
            FileStream folderLock = new(
                Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new FolderSpoolFiles(path, folderLock);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new RecorderException(
                $"The spool folder {path} cannot be written: {error.Message} Give this user the right to, or name "
                + "another (SpoolFolder).", error);
        }
        catch (IOException error) when (SpoolFolder.IsOfTheDisk(error))
        {
            throw new RecorderException(
                $"The spool folder {path} cannot be written now: {error.Message.TrimEnd('.')}. Check its disk.", error);
        }
        catch (IOException error)
        {
            throw new RecorderException(
                $"The spool folder {path} is in use by another recorder: stop it, or name another folder (SpoolFolder).",
                error);
        }
    }

    /// <summary>
    /// Opens a folder to look at it, also beside the recorder that writes it: it is not locked, and every change is
    /// refused with an <see cref="IOException"/>.
    /// </summary>
    /// <exception cref="RecorderException">There is no such folder.</exception>
    public static ISpoolFiles OpenReadOnly(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        string path = Path.GetFullPath(folder);
        return Directory.Exists(path)
            ? new ReadOnlySpoolFiles(path)
            : throw new RecorderException($"There is no folder {path}: name the folder of a spool.");
    }

    /// <inheritdoc/>
    public IReadOnlyList<SpoolFileEntry> List()
    {
        return Disk(
            static folder =>
            {
                List<SpoolFileEntry> entries = [];
                foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
                {
                    string name = Path.GetRelativePath(folder, file.FullName).Replace('\\', '/');
                    if (name != LockName)
                        entries.Add(new SpoolFileEntry(name, file.Length));
                }

                entries.Sort(static (x, y) => string.CompareOrdinal(x.Name, y.Name));
                return entries;
            },
            _folder);
    }

    /// <inheritdoc/>
    public ISpoolFile Create(string name) =>
        Disk(
            path =>
            {
                lock (_folders)
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    return new FolderSpoolFile(name, DurableFile.Create(path), _folder);
                }
            },
            PathOf(name));

    /// <inheritdoc/>
    public ISpoolFile Open(string name) =>
        Disk(path => new FolderSpoolFile(name, DurableFile.OpenExisting(path), _folder), PathOf(name));

    /// <inheritdoc/>
    public void Rename(string name, string newName) =>
        Disk(
            path =>
            {
                string newPath = PathOf(newName);
                File.Move(path, newPath, overwrite: true);
                DurableFile.FlushDirectory(Path.GetDirectoryName(newPath)!);
                return true;
            },
            PathOf(name));

    /// <inheritdoc/>
    public void Delete(string name) =>
        Disk(
            path =>
            {
                // File.Delete forgives a missing file, but not a missing folder.
                if (!File.Exists(path))
                    return false;
                // A folder that becomes empty here must not go while a file is being made in it.
                lock (_folders)
                {
                    File.Delete(path);
                    DeleteEmpty(Path.GetDirectoryName(path)!);
                }

                return true;
            },
            PathOf(name));

    /// <inheritdoc/>
    public void FlushDeletions(string folder) =>
        Disk(
            path =>
            {
                lock (_folders)
                {
                    if (Directory.Exists(path))
                    {
                        foreach (string below in Directory.EnumerateDirectories(path, "*", SearchOption.AllDirectories))
                            DurableFile.FlushDirectory(below);
                        DurableFile.FlushDirectory(path);
                    }

                    // Folders that became empty are gone from those above.
                    for (string? above = path; above is not null && above.Length > _folder.Length;)
                    {
                        above = Path.GetDirectoryName(above);
                        if (Directory.Exists(above))
                            DurableFile.FlushDirectory(above);
                    }
                }

                return true;
            },
            PathOf(folder));

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private string PathOf(string name) => Path.Combine(_folder, name);

    private void DeleteEmpty(string folder)
    {
        while (folder.Length > _folder.Length && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
            folder = Path.GetDirectoryName(folder)!;
        }
    }

    // A port's failures are all IOExceptions, so that a caller cannot miss one.
    private static T Disk<T>(Func<string, T> call, string path)
    {
        try
        {
            return call(path);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"No permission for {path}: give this user the right to it.", error);
        }
        catch (DirectoryNotFoundException error)
        {
            throw new FileNotFoundException($"There is no {path}.", path, error);
        }
    }
}
