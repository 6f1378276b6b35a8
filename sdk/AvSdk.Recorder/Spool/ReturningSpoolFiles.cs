// A spool whose folder may be away: not there when the recorder starts, or gone while it runs. Every call fails while it is,
// and with each call, at most every quarter of a second, it is looked for.
//
//   starts, and the disk refuses       read-only, an I/O error, full to the last file: away
//   starts, and the folder is wrong    a path that cannot be, no permission, in use by another recorder: refused
//   runs, and the lock file is gone    unmounted below us, or deleted: away. What lies at its path now may be the empty
//                                      mount point, on another disk: that must not be filled
//   is back                            the lock file is there again; or the folder can be made anew on the disk where it was
namespace AvSdk.Recording.Spool;

/// <summary>Files of a folder that is used while it is there. Safe for any number of threads.</summary>
/// <param name="name">For people.</param>
/// <param name="open">Opens it; throws an <see cref="IOException"/> while it is away.</param>
/// <param name="isThere">Whether what was opened is still what lies at its path.</param>
/// <param name="time">The clock.</param>
internal sealed class ReturningSpoolFiles(
    string name, Func<ISpoolFiles> open, Func<ISpoolFiles, bool> isThere, TimeProvider time) : ISpoolFiles
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private ISpoolFiles? _files;
    private IOException? _why;
    private long _lookedAt;
    private bool _isDisposed;

    public string Name => name;

    /// <summary>Why it is away; null: it is there. Looks.</summary>
    public IOException? WhyAway
    {
        get
        {
            try
            {
                Files();
                return null;
            }
            catch (IOException why)
            {
                return why;
            }
        }
    }

    public long FreeBytes => Files().FreeBytes;

    /// <summary>Opens a folder, or begins to look for it, where its disk refuses.</summary>
    /// <exception cref="RecorderException">It is the wrong folder, or another recorder has it.</exception>
    public static ReturningSpoolFiles OpenFolder(string folder, TimeProvider time)
    {
        SpoolFolder place = new(folder);
        ReturningSpoolFiles files = new(Path.GetFullPath(folder), place.Open, SpoolFolder.IsThere, time);
        files._lookedAt = time.GetTimestamp();
        try
        {
            files._files = FolderSpoolFiles.OpenFolder(folder);
            place.Note();
        }
        catch (RecorderException refused) when (SpoolFolder.IsOfTheDisk(refused.InnerException))
        {
            files._why = new IOException(refused.Message, refused);
        }

        return files;
    }

    public IReadOnlyList<SpoolFileEntry> List() => Files().List();

    public ISpoolFile Create(string name) => Files().Create(name);

    public ISpoolFile Open(string name) => Files().Open(name);

    public void Rename(string name, string newName) => Files().Rename(name, newName);

    public void Delete(string name) => Files().Delete(name);

    public void FlushDeletions(string folder) => Files().FlushDeletions(folder);

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _files?.Dispose();
        }
    }

    private ISpoolFiles Files()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_files is not null && isThere(_files))
                return _files;
            if (_files is not null)
            {
                _files.Dispose();
                _files = null;
                _why = new IOException($"The spool folder {name} is gone: mount its disk again.");
            }
            else if (_why is not null && time.GetElapsedTime(_lookedAt) < LookPeriod)
            {
                throw new IOException(_why.Message, _why);
            }

            _lookedAt = time.GetTimestamp();
            try
            {
                return _files = open();
            }
            catch (IOException why)
            {
                _why = why;
                throw;
            }
        }
    }
}
