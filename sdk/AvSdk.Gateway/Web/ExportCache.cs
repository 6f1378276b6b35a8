using System.Collections.Concurrent;
using AvSdk.Gateway.Query;
using Microsoft.Extensions.Logging;

namespace AvSdk.Gateway.Web;

/// <summary>
/// Export files on disk, by the key of their plan: written once, then read in ranges as often as a viewer
/// likes. Bounded in bytes; the file not read for longest goes first. Nothing here needs to survive: it can
/// be made again.
/// </summary>
internal sealed class ExportCache(
    string folder, GatewayOptions options, ExportBuilder builder, GatewayMeter meter, ILogger logger)
    : IDisposable
{
    private const string Extension = ".mcap";
    private const int BuildsMax = 2;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, Lazy<Task>> _building = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _builds = new(BuildsMax, BuildsMax);

    // Least recently read first.
    private readonly LinkedList<(string Key, long Bytes)> _files = [];
    private long _bytes;

    /// <summary>Bytes of all files here.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _bytes;
        }
    }

    /// <summary>Finds what an earlier process left; removes what it did not finish.</summary>
    public void Open()
    {
        Directory.CreateDirectory(folder);
        lock (_lock)
        {
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles()
                .OrderBy(f => f.LastAccessTimeUtc))
            {
                if (file.Extension == Extension)
                    Add(Path.GetFileNameWithoutExtension(file.Name), file.Length);
                else
                    file.Delete();
            }

            MakeRoom();
        }
    }

    /// <summary>The file of that key; null: it is not here. The caller disposes the stream.</summary>
    public FileStream? TryOpen(string key)
    {
        lock (_lock)
        {
            LinkedListNode<(string Key, long Bytes)>? node = Find(key);
            if (node is null)
                return null;
            try
            {
                // Opened under the lock: once it is open, removing the file does not hurt its reader.
                FileStream stream = new(
                    PathOf(key), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete,
                    bufferSize: 1 << 16, useAsync: true);
                _files.Remove(node);
                _files.AddLast(node);
                return stream;
            }
            catch (FileNotFoundException)
            {
                _files.Remove(node);
                _bytes -= node.Value.Bytes;
                return null;
            }
        }
    }

    /// <summary>
    /// Opens the file of a plan, writing it first if needed; requests for the same plan wait for one writing,
    /// which goes on when they are gone.
    /// </summary>
    /// <param name="plan">What the file is to hold.</param>
    /// <param name="key">Its key.</param>
    /// <param name="stopping">Ends the writing itself.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<FileStream> OpenAsync(
        ExportPlan plan, string key, CancellationToken stopping, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryOpen(key) is { } stream)
                return stream;
            Lazy<Task> build = _building.GetOrAdd(
                key, k => new Lazy<Task>(() => Task.Run(() => BuildAsync(plan, k, stopping), stopping)));
            try
            {
                await build.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                if (build.Value.IsCompleted)
                    _building.TryRemove(new KeyValuePair<string, Lazy<Task>>(key, build));
            }
        }
    }

    public void Dispose() => _builds.Dispose();

    private async Task BuildAsync(ExportPlan plan, string key, CancellationToken stopping)
    {
        await _builds.WaitAsync(stopping).ConfigureAwait(false);
        string unfinished = Path.Combine(folder, $"{key}.{Guid.NewGuid():N}.tmp");
        try
        {
            RequireRoom(plan.Bytes);
            long messages;
            long bytes;
            FileStream file = new(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
            await using (file.ConfigureAwait(false))
            {
                messages = await builder.WriteAsync(plan, file, stopping).ConfigureAwait(false);
                await file.FlushAsync(stopping).ConfigureAwait(false);
                bytes = file.Length;
            }

            if (messages == 0)
                throw ExportPlanner.Nothing(default);
            lock (_lock)
            {
                File.Move(unfinished, PathOf(key), overwrite: true);
                Add(key, bytes);
                MakeRoom();
            }

            meter.ExportsBuilt.Add(1);
            WebLog.ExportBuilt(logger, key, plan.Chunks.Count, messages, bytes);
        }
        finally
        {
            File.Delete(unfinished);
            _builds.Release();
        }
    }

    /// <summary>An export must not take the room that receipts need.</summary>
    private void RequireRoom(long bytes)
    {
        long free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        if (free - bytes < options.FreeBytesMin)
        {
            throw new QueryRefusal(
                QueryRefusalKind.TooLarge,
                $"The gateway's disk has {free} bytes left, too few to write an export of {bytes}. Narrow "
                + "the selection, or free space.");
        }
    }

    private void Add(string key, long bytes)
    {
        if (Find(key) is { } known)
        {
            _bytes -= known.Value.Bytes;
            _files.Remove(known);
        }

        _files.AddLast((key, bytes));
        _bytes += bytes;
    }

    // The newest stays, even where it alone is over the limit: somebody is about to read it.
    private void MakeRoom()
    {
        while (_bytes > options.ExportCacheBytesMax && _files is { Count: > 1, First: { } oldest })
        {
            File.Delete(PathOf(oldest.Value.Key));
            _bytes -= oldest.Value.Bytes;
            _files.RemoveFirst();
        }
    }

    private LinkedListNode<(string Key, long Bytes)>? Find(string key)
    {
        LinkedListNode<(string Key, long Bytes)>? node = _files.First;
        while (node is not null && node.Value.Key != key)
            node = node.Next;
        return node;
    }

    private string PathOf(string key) => Path.Combine(folder, key + Extension);
}
