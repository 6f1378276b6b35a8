using Microsoft.Extensions.Logging;

namespace AvSdk.Recording.Spool;

/// <summary>
/// Bytes that the spool keeps on the disk for the hour when there are none: to make room on a full disk takes some, since
/// journal and ledger say what is deleted before it is. A file of zeros, which is deleted then, and written again when there
/// is room. Safe for any number of threads.
/// </summary>
internal sealed class SpoolReserve(ISpoolFiles files, ILogger log)
{
    public const string FileName = "reserve";

    /// <summary>A journal written anew, and a ledger.</summary>
    public const int Bytes = 512 << 10;

    private readonly Lock _gate = new();
    private bool _isThere;

    /// <summary>Takes the bytes where there are many times as many; a restart finds those of the run before.</summary>
    /// <param name="freeBytes">What the disk has left, without what others are to leave free; -1: not known.</param>
    public void Keep(long freeBytes)
    {
        if (Volatile.Read(ref _isThere) || freeBytes < 8 * Bytes)
            return;
        lock (_gate)
        {
            try
            {
                files.Delete(FileName);
                using ISpoolFile file = files.Create(FileName);
                file.Append(new byte[Bytes]);
                file.Flush();
                Volatile.Write(ref _isThere, true);
            }
            catch (IOException error)
            {
                SpoolLog.CannotKeepReserve(log, error);
            }
        }
    }

    /// <summary>Gives them up. False: there are none, or the disk has others.</summary>
    public bool TryRelease(long freeBytes)
    {
        if (freeBytes is < 0 or >= Bytes)
            return false;
        lock (_gate)
        {
            try
            {
                // Also one of the run before, which this one has not met.
                bool wasThere = Volatile.Read(ref _isThere) || files.List().Any(static file => file.Name == FileName);
                files.Delete(FileName);
                Volatile.Write(ref _isThere, false);
                return wasThere;
            }
            catch (IOException error)
            {
                SpoolLog.CannotRemove(log, FileName, error);
                return false;
            }
        }
    }
}
