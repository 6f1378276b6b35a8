using System.Globalization;
using System.Runtime.CompilerServices;
using AvSdk.Gateway.Index;
using AvSdk.Mcap;

namespace AvSdk.Gateway.Store;

/// <summary>
/// Packs as files: <c>folder/vehicle/recording/000001.mcap</c>, made durable with fdatasync.
/// </summary>
public sealed class FolderPackStore : IPackStore
{
    private const string Extension = ".mcap";
    private readonly string _folder;

    /// <summary>The store in <paramref name="folder"/>, which is created if absent.</summary>
    public FolderPackStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = Path.GetFullPath(folder);
    }

    /// <inheritdoc/>
    public ValueTask<int> FindLastNumberAsync(
        string vehicleId, Guid recordingId, CancellationToken cancellationToken)
    {
        string folder = Path.GetDirectoryName(PathOf(new PackId(vehicleId, recordingId, 0)))!;
        return ValueTask.FromResult(
            Directory.Exists(folder)
                ? Directory.EnumerateFileSystemEntries(folder, "*" + Extension)
                    .Select(NumberOf).Max() ?? 0
                : 0);
    }

    /// <inheritdoc/>
    public ValueTask<IPackWriter> CreateAsync(
        PackId id, RecordingDefinitions definitions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(definitions);
        string path = PathOf(id);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        DurableFile file;
        try
        {
            file = DurableFile.Create(path);
        }
        catch (IOException failure) when (Path.Exists(path))
        {
            throw new PackExistsException(id, failure);
        }

        return ValueTask.FromResult<IPackWriter>(FolderPackWriter.Begin(id, file, definitions));
    }

    /// <inheritdoc/>
    public ValueTask<bool> RepairAsync(PackId id, long keepBytes, CancellationToken cancellationToken)
    {
        string path = PathOf(id);
        if (!File.Exists(path))
            return ValueTask.FromResult(false);
        if (keepBytes <= 0)
        {
            File.Delete(path);
            DurableFile.FlushDirectory(Path.GetDirectoryName(path)!);
            return ValueTask.FromResult(false);
        }

        using DurableFile file = DurableFile.OpenExisting(path);
        if (!McapScan.TryRun(file, McapLimits.Default, out McapScan? scan, out McapError error))
            throw new IOException($"Pack {path} cannot be read: {error}");
        if (scan.IsSealed && scan.Chunks is [.., { End: var end }] && end == keepBytes)
            return ValueTask.FromResult(true);
        if (scan.EndOfWholeRecords < keepBytes)
        {
            throw new IOException(
                $"Pack {path} is whole up to {scan.EndOfWholeRecords} of the {keepBytes} bytes that the index "
                + $"counts on ({scan.TailError}). Its disk lost data: check it, then rebuild the index from the "
                + "packs.");
        }

        file.Truncate(keepBytes);
        using McapWriter writer = McapWriter.Continue(file, scan.CutAt(keepBytes), PackFormat.WriterOptions);
        writer.Finish();
        FlushFolders(path);
        return ValueTask.FromResult(true);
    }

    /// <inheritdoc/>
    public async ValueTask ReadAsync(
        PackId id, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        using FileSource file = new(PathOf(id));
        int read = await file.ReadAtAsync(offset, destination, cancellationToken).ConfigureAwait(false);
        if (read < destination.Length)
        {
            throw new IOException(
                $"Pack {PathOf(id)}, {file.Length} bytes, ends inside the chunk at {offset}. Its disk lost "
                + "data: check it, then rebuild the index from the packs.");
        }
    }

    /// <inheritdoc/>
    public ValueTask<Stream> OpenReadAsync(PackId id, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Stream>(new FileStream(
            PathOf(id), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

    /// <inheritdoc/>
    public async IAsyncEnumerable<PackId> ListAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        if (!Directory.Exists(_folder))
            yield break;
        foreach (string vehicle in Sorted(Directory.EnumerateDirectories(_folder)))
        {
            foreach (string recording in Sorted(Directory.EnumerateDirectories(vehicle)))
            {
                if (!Guid.TryParseExact(Path.GetFileName(recording), "D", out Guid recordingId))
                    continue;
                foreach (string pack in Sorted(Directory.EnumerateFiles(recording, "*" + Extension)))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (NumberOf(pack) is { } number)
                        yield return new PackId(Path.GetFileName(vehicle), recordingId, number);
                }
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask CheckWritableAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_folder);
        string path = Path.Combine(_folder, $".probe-{Guid.NewGuid():N}");
        try
        {
            using DurableFile probe = DurableFile.Create(path);
            probe.Write("av"u8);
            probe.Flush();
        }
        finally
        {
            File.Delete(path);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Makes a new file's name durable, and those of the folders above it that may be new.</summary>
    internal static void FlushFolders(string path)
    {
        string? folder = Path.GetDirectoryName(path);
        for (int level = 0; level < 4 && folder is not null; level++)
        {
            DurableFile.FlushDirectory(folder);
            folder = Path.GetDirectoryName(folder);
        }
    }

    private static IOrderedEnumerable<string> Sorted(IEnumerable<string> paths) =>
        paths.Order(StringComparer.Ordinal);

    /// <summary>Null: the file is not named as a pack.</summary>
    private static int? NumberOf(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
    }

    private string PathOf(PackId id)
    {
        ArgumentNullException.ThrowIfNull(id);

        // Ids were checked at the door (IngestRules); a name that is a path would be a bug worth stopping
        // for.
        if (id.VehicleId.AsSpan().ContainsAny('/', '\\') || id.VehicleId.Trim('.').Length == 0)
            throw new ArgumentException($"\"{id.VehicleId}\" cannot be a folder's name.", nameof(id));
        return Path.Combine(
            _folder,
            id.VehicleId,
            RecordingIds.Text(id.RecordingId),
            id.Number.ToString("D6", CultureInfo.InvariantCulture) + Extension);
    }
}
