// One machine's disk. What it does that disks do:
//
//   power cut       at any operation, and at any byte of an append. Of what was written and not flushed there
//                   arrives: nothing, all, a beginning of any length whose last sector may be torn (zeros or
//                   garbage from some byte on), or any set of its 512-byte sectors, the others being zeros:
//                   lost, torn and reordered writes. A shortening that was not flushed may be undone.
//   names           creating, renaming and deleting are undone by a power cut unless the folder was flushed; of a
//                   folder's changes a beginning of any length survives.
//   EIO             on write (a part of it is written), read, flush, and on every operation with names. After a
//                   failed flush some of its sectors are there and the rest never will be: later flushes report
//                   success and do not help. The cache may show what is lost, or not.
//   full            an append writes what fits and fails; other files may take the room away and give it back.
//   bit rot         of durable bytes, at rest.
//   kill            of a process alone loses nothing: the cache is the kernel's.
//
// Not simulated: an acknowledged flush that was a lie, rot while the process has the bytes in memory, and a slow
// disk (an operation takes no virtual time).
using AvSdk.Mcap;
using AvSdk.Testing;

namespace AvSdk.Simulation.Disk;

/// <summary>Files by name, with a page cache and a platter. One thread.</summary>
internal sealed class SimulatedDisk(Random chance)
{
    public const int Enospc = 28;
    public const int Eio = 5;

    private readonly HashSet<string> _notDeleted = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Inode> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Inode> _durableNames = new(StringComparer.Ordinal);
    private readonly List<NameChange> _unflushed = [];
    private int _inodes;

    /// <summary>Bytes that fit, all files together.</summary>
    public long CapacityBytes { get; set; } = 1L << 30;

    /// <summary>What goes wrong; asked before each operation.</summary>
    public Func<DiskOperationKind, string, int, DiskFault> Faults { get; set; } = static (_, _, _) => DiskFault.None;

    /// <summary>The machine loses power in the middle of an operation.</summary>
    public Action PowerFails { get; set; } = static () => { };

    /// <summary>Told what is done with files, for people.</summary>
    public Action<string>? Done { get; set; }

    /// <summary>Told each operation that fails.</summary>
    public Action<DiskFault, string> Refused { get; set; } = static (_, _) => { };

    /// <summary>Told before a file's flush fails, with its bytes, and from where on some of them will be lost.</summary>
    public Action<string, ReadOnlyMemory<byte>, int>? FailingFlush { get; set; }

    /// <summary>Told before a file is deleted, with its bytes.</summary>
    public Action<string, ReadOnlyMemory<byte>>? Deleting { get; set; }

    public long UsedBytes => _names.Values.Sum(static file => (long)file.Length);

    public long FreeBytes => Math.Max(0, CapacityBytes - UsedBytes);

    public IEnumerable<(string Name, long Bytes)> Files =>
        _names.Select(static file => (file.Key, (long)file.Value.Length));

    public Inode? Find(string name) => _names.GetValueOrDefault(name);

    public Inode Open(string name)
    {
        Ask(DiskOperationKind.Open, name, "open");
        return _names.TryGetValue(name, out Inode? file)
            ? file
            : throw new FileNotFoundException($"There is no {name}.", name);
    }

    public Inode Create(string name)
    {
        Ask(DiskOperationKind.Create, name, "create");
        Inode file = new(_inodes++);
        if (!_names.TryAdd(name, file))
            throw new IOException($"{name} exists already: choose another name.");
        _unflushed.Add(new NameChange(name, null, file));
        return file;
    }

    public void Append(Inode file, string name, ReadOnlySpan<byte> data)
    {
        DiskFault fault = Faults(DiskOperationKind.Append, name, data.Length);
        long free = FreeBytes;
        if (fault == DiskFault.None && data.Length <= free)
        {
            file.Append(data);
            return;
        }

        if (fault == DiskFault.None)
            fault = DiskFault.NoSpace;
        int part = fault == DiskFault.NoSpace ? data.Length : chance.Next(data.Length + 1);
        file.Append(data[..(int)Math.Min(part, free)]);
        Fail(fault, "write to", name);
    }

    public int Read(Inode file, string name, long offset, Span<byte> destination)
    {
        Ask(DiskOperationKind.Read, name, "read", destination.Length);
        return file.Read(offset, destination);
    }

    public void Truncate(Inode file, string name, long length)
    {
        Ask(DiskOperationKind.Truncate, name, "cut");
        Done?.Invoke($"cut {name} from {file.Length} to {length}");
        file.Truncate(length);
    }

    /// <summary>Data and length.</summary>
    public void Flush(Inode file, string name)
    {
        DiskFault fault = Faults(DiskOperationKind.Flush, name, 0);
        if (fault is DiskFault.InputOutput or DiskFault.NoSpace)
        {
            if (file.IsDirty)
                FailingFlush?.Invoke(name, file.Bytes.ToArray(), file.DirtyFrom);
            file.FailFlush(chance);
        }

        Fail(fault, "flush", name);
        Done?.Invoke($"flushed {name}, {file.Length}");
        file.Flush();
    }

    /// <summary>The entries of the name's folder and of those above it.</summary>
    public void FlushNames(string name)
    {
        Ask(DiskOperationKind.Flush, name, "flush the folder of");
        string folder = FolderOf(name);
        FlushNames(change => IsIn(folder, FolderOf(change.Name)));
    }

    /// <summary>The entries of a folder and of those below and above it.</summary>
    public void FlushNamesIn(string folder)
    {
        Ask(DiskOperationKind.Flush, folder, "flush the folder of");
        FlushNames(change => IsIn(folder, FolderOf(change.Name)) || IsIn(FolderOf(change.Name), folder));
    }

    private void FlushNames(Func<NameChange, bool> which)
    {
        foreach (NameChange change in _unflushed.Where(which).ToArray())
        {
            change.ApplyTo(_durableNames);
            _unflushed.Remove(change);
        }
    }

    public void Rename(string name, string newName)
    {
        Ask(DiskOperationKind.Rename, name, "rename");
        if (!_names.Remove(name, out Inode? file))
            throw new FileNotFoundException($"There is no {name}.", name);
        Done?.Invoke($"renamed {name} to {newName}");
        _names[newName] = file;
        _unflushed.Add(new NameChange(name, newName, file));
    }

    /// <summary>False: it was not there.</summary>
    public bool Delete(string name)
    {
        try
        {
            Ask(DiskOperationKind.Delete, name, "delete");
        }
        catch (IOException)
        {
            _notDeleted.Add(name);
            throw;
        }

        _notDeleted.Remove(name);
        if (!_names.TryGetValue(name, out Inode? file))
            return false;
        Deleting?.Invoke(name, file.Bytes.ToArray());
        Done?.Invoke($"deleted {name}, {file.Length}");
        _names.Remove(name);
        _unflushed.Add(new NameChange(name, null, null));
        return true;
    }

    /// <summary>Bytes of files of a lane that it refused to delete, and that nobody has deleted since.</summary>
    public long NotDeletedBytes(string lane) => _notDeleted
        .Where(name => name.Contains($"/{lane}/", StringComparison.Ordinal))
        .Sum(name => _names.TryGetValue(name, out Inode? file) ? file.Length : 0L);

    public void AskToList() => Ask(DiskOperationKind.Open, "", "list");

    /// <summary>The power went, and is back: files are what the cut left of them.</summary>
    public void LosePower()
    {
        foreach (IGrouping<string, NameChange> folder in _unflushed.GroupBy(static change => FolderOf(change.Name)))
        {
            foreach (NameChange change in folder.Take(chance.Next(folder.Count() + 1)))
                change.ApplyTo(_durableNames);
        }

        _unflushed.Clear();
        _names.Clear();
        foreach ((string name, Inode file) in _durableNames)
            _names.Add(name, file);
        foreach (Inode file in _names.Values.Distinct().OrderBy(static file => file.Number))
            file.LosePower(chance);
    }

    private static string FolderOf(string name) => name.LastIndexOf('/') is >= 0 and int at ? name[..at] : "";

    // A folder is flushed with those above it, so that its own name is durable.
    private static bool IsIn(string folder, string of) =>
        folder == of || of.Length == 0 || folder.StartsWith(of + "/", StringComparison.Ordinal);

    private void Ask(DiskOperationKind kind, string name, string what, int bytes = 0) =>
        Fail(Faults(kind, name, bytes), what, name);

    private void Fail(DiskFault fault, string what, string name)
    {
        switch (fault)
        {
            case DiskFault.None:
                return;
            case DiskFault.NoSpace:
                Refused(fault, what);
                throw new DurableFileException($"Could not {what} {name}: no space left on device.", Enospc);
            case DiskFault.PowerCut:
                PowerFails();
                throw new DurableFileException($"Could not {what} {name}: the power went.", Eio);
            default:
                Refused(fault, what);
                throw new DurableFileException($"Could not {what} {name}: input/output error.", Eio);
        }
    }

    /// <summary>A change of a folder: created (file, no new name), renamed, deleted (no file).</summary>
    private sealed record NameChange(string Name, string? NewName, Inode? File)
    {
        public void ApplyTo(SortedDictionary<string, Inode> names)
        {
            if (File is null || NewName is not null)
                names.Remove(Name);
            if (File is not null)
                names[NewName ?? Name] = File;
        }
    }
}
