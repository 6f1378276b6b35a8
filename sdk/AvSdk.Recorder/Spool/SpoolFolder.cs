namespace AvSdk.Recording.Spool;

/// <summary>A spool's folder on its disk: whether it is the one that it was.</summary>
internal sealed class SpoolFolder(string folder)
{
    // Linux: EIO, ENXIO, ENODEV, ENOSPC, EROFS, ENOTCONN, ETIMEDOUT, EHOSTDOWN, ESTALE, EDQUOT, ENOMEDIUM.
    private static readonly int[] s_diskErrors = [5, 6, 19, 28, 30, 107, 110, 112, 116, 122, 123];

    private readonly string _path = Path.GetFullPath(folder);
    private string? _disk;
    private bool _wasOpen;

    /// <summary>Whether a refusal is the disk's, which may take it back; else somebody has to put something right.</summary>
    public static bool IsOfTheDisk(Exception? error) => error is IOException && s_diskErrors.Contains(error.HResult);

    /// <summary>Whether the folder is the one that was opened: its lock lies in it.</summary>
    public static bool IsThere(ISpoolFiles files) => File.Exists(Path.Combine(files.Name, FolderSpoolFiles.LockName));

    /// <summary>It is open: this is its disk.</summary>
    public void Note()
    {
        _wasOpen = true;
        _disk = DiskOf(_path);
    }

    /// <exception cref="IOException">It is away.</exception>
    public ISpoolFiles Open()
    {
        if (_wasOpen && !File.Exists(Path.Combine(_path, FolderSpoolFiles.LockName)) && (_disk is null || DiskOf(_path) != _disk))
            throw new IOException($"The spool folder {_path} is gone: mount its disk again.");
        try
        {
            FolderSpoolFiles files = FolderSpoolFiles.OpenFolder(_path);
            Note();
            return files;
        }
        catch (RecorderException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    // Device and mount point of the longest mount that the path is under; null: not known here.
    private static string? DiskOf(string path)
    {
        const string Mounts = "/proc/self/mountinfo";
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            (string Point, string Device) found = ("", "");
            // "proc(5)": id, parent, major:minor, root, mount point; later mounts hide earlier ones.
            foreach (string line in File.ReadLines(Mounts))
            {
                string[] fields = line.Split(' ');
                string point = fields[4].Replace("\\040", " ", StringComparison.Ordinal);
                bool isOver = path == point || path.StartsWith(point.TrimEnd('/') + '/', StringComparison.Ordinal);
                if (isOver && point.Length >= found.Point.Length)
                    found = (point, fields[2]);
            }

            return found.Device.Length == 0 ? null : $"{found.Device} {found.Point}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
