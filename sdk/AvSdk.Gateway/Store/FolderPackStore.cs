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
    private readonly IPackDisk _disk;

    /// <summary>The store in <paramref name="folder"/>, which is created if absent.</summary>
    public FolderPackStore(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _disk = new FolderPackDisk(Path.GetFullPath(folder));
    }

    /// <summary>The store on another disk, which is borrowed.</summary>
    internal FolderPackStore(IPackDisk disk) => _disk = disk;

    /// <inheritdoc/>
    public ValueTask<int> FindLastNumberAsync(
        string vehicleId, Guid recordingId, CancellationToken cancellationToken)
    {
        string folder = FolderOf(vehicleId, recordingId);
        return ValueTask.FromResult(_disk.List(folder).Select(NumberOf).Max() ?? 0);
    }

    /// <inheritdoc/>
    public ValueTask<IPackWriter> CreateAsync(
        PackId id, RecordingDefinitions definitions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(definitions);
        string name = NameOf(id);
        IPackFile file;
        try
        {
            file = _disk.Create(name);
        }
        catch (IOException failure) when (_disk.Exists(name))
        {
            throw new PackExistsException(id, failure);
        }

        return ValueTask.FromResult<IPackWriter>(FolderPackWriter.Begin(id, _disk, file, definitions));
    }

    /// <inheritdoc/>
    public ValueTask<bool> RepairAsync(PackId id, long keepBytes, CancellationToken cancellationToken)
    {
        string name = NameOf(id);
        if (!_disk.Exists(name))
            return ValueTask.FromResult(false);
        if (keepBytes <= 0)
        {
            _disk.Delete(name);
            return ValueTask.FromResult(false);
        }

        using IPackFile file = _disk.Open(name);
        if (!McapScan.TryRun(file, McapLimits.Default, out McapScan? scan, out McapError error))
            throw new IOException($"Pack {_disk.PathOf(name)} cannot be read: {error}");
        if (scan.IsSealed && scan.Chunks is [.., { End: var end }] && end == keepBytes)
            return ValueTask.FromResult(true);
        if (scan.EndOfWholeRecords < keepBytes)
        {
            throw new IOException(
                $"Pack {_disk.PathOf(name)} is whole up to {scan.EndOfWholeRecords} of the {keepBytes} bytes that "
                + $"the index counts on ({scan.TailError}). Its disk lost data: check it, then rebuild the index "
                + "from the packs.");
        }

        // Nothing is cut before it is known that a chunk ends there.
        if (!scan.Chunks.Any(chunk => chunk.End == keepBytes))
        {
            throw new IOException(
                $"Pack {_disk.PathOf(name)} has no chunk that ends at {keepBytes}, where the index's last one does: it is left "
                + "as it is. Check its disk, then rebuild the index from the packs.");
        }

        file.Truncate(keepBytes);
        using McapWriter writer = McapWriter.Continue(file, scan.CutAt(keepBytes), PackFormat.WriterOptions);
        writer.Finish();
        _disk.FlushName(name);
        return ValueTask.FromResult(true);
    }

    /// <inheritdoc/>
    public async ValueTask ReadAsync(
        PackId id, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        string name = NameOf(id);
        int read = await _disk.ReadAsync(name, offset, destination, cancellationToken).ConfigureAwait(false);
        if (read < destination.Length)
        {
            throw new IOException(
                $"Pack {_disk.PathOf(name)} ends at {offset + read}, inside the chunk at {offset}. Its disk lost "
                + "data: check it, then rebuild the index from the packs.");
        }
    }

    /// <inheritdoc/>
    public ValueTask<Stream> OpenReadAsync(PackId id, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_disk.OpenRead(NameOf(id)));

    /// <inheritdoc/>
    public async IAsyncEnumerable<PackId> ListAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (string vehicle in _disk.List(""))
        {
            foreach (string recording in _disk.List(vehicle))
            {
                if (!Guid.TryParseExact(recording, "D", out Guid recordingId))
                    continue;
                foreach (string pack in _disk.List(FolderOf(vehicle, recordingId)))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (NumberOf(pack) is { } number)
                        yield return new PackId(vehicle, recordingId, number);
                }
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask CheckWritableAsync(CancellationToken cancellationToken)
    {
        _disk.CheckWritable();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Null: the name is not a pack's.</summary>
    private static int? NumberOf(string name) =>
        name.EndsWith(Extension, StringComparison.Ordinal)
        && int.TryParse(
            name.AsSpan(0, name.Length - Extension.Length), NumberStyles.None, CultureInfo.InvariantCulture,
            out int number)
            ? number
            : null;

    private static string FolderOf(string vehicleId, Guid recordingId)
    {
        // Ids were checked at the door (IngestRules); a name that is a path would be a bug worth stopping
        // for.
        if (vehicleId.AsSpan().ContainsAny('/', '\\') || vehicleId.Trim('.').Length == 0)
            throw new ArgumentException($"\"{vehicleId}\" cannot be a folder's name.", nameof(vehicleId));
        return $"{vehicleId}/{RecordingIds.Text(recordingId)}";
    }

    private static string NameOf(PackId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        string number = id.Number.ToString("D6", CultureInfo.InvariantCulture);
        return $"{FolderOf(id.VehicleId, id.RecordingId)}/{number}{Extension}";
    }
}
