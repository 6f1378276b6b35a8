using AvSdk.Mcap;
using AvSdk.Recording.Spool;

namespace AvSdk.Testing;

/// <summary>
/// A disk in memory that can fill up, fail, and lose its power, seeded. It keeps apart what is in the page
/// cache and what is durable:
/// </summary>
/// <remarks>
/// <para>What a flush made durable survives a power cut, as does a rename. Of what was appended since, a
/// beginning of any length survives, and its last 512-byte sector may be torn: zeros or garbage from some
/// byte on. A file that was never flushed may be gone; one that was deleted may be back.</para>
/// <para>After a failed flush the tail it was for can never be made durable: later flushes of the file
/// report success and do not help it, as Linux does it.</para>
/// <para>Not modelled: sectors that reach the disk out of order within one file, truncations that a power
/// cut undoes. What rots on the disk by itself, <see cref="Corrupt"/> does.</para>
/// <para>Safe for use from any number of threads.</para>
/// </remarks>
public sealed class MemorySpoolFiles : ISpoolFiles
{
    private const int Enospc = 28;
    private const int Eio = 5;

    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly Dictionary<string, MemoryFile> _files = new(StringComparer.Ordinal);
    private readonly List<MemoryFile> _deleted = [];
    private readonly long[] _operations = new long[Enum.GetValues<DiskOperationKind>().Length];

    /// <summary>An empty disk.</summary>
    /// <param name="seed">Decides what a power cut leaves.</param>
    public MemorySpoolFiles(int seed) => _random = new Random(seed);

    /// <inheritdoc/>
    public string Name => "memory";

    /// <summary>How much fits, bytes. Default: 1 GiB.</summary>
    public long CapacityBytes { get; set; } = 1L << 30;

    /// <summary>
    /// What goes wrong, asked before each operation; called under the disk's lock. Default: nothing does.
    /// </summary>
    public Func<DiskOperation, DiskFault> Faults { get; set; } = static _ => DiskFault.None;

    /// <summary>Whether there is power.</summary>
    public bool HasPower { get; private set; } = true;

    /// <summary>Bytes of all files.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate)
                return _files.Values.Sum(static file => (long)file.Length);
        }
    }

    /// <inheritdoc/>
    public long FreeBytes => Math.Max(0, CapacityBytes - UsedBytes);

    /// <summary>
    /// The power goes. From now on everything fails, and what was open stays dead, until <see
    /// cref="RestorePower"/>.
    /// </summary>
    public void CutPower()
    {
        lock (_gate)
            HasPower = false;
    }

    /// <summary>
    /// The power is back, as after a new start: files hold what the cut left of them.
    /// </summary>
    public void RestorePower()
    {
        lock (_gate)
        {
            HasPower = true;
            foreach (MemoryFile back in _deleted.Where(_ => _random.Next(2) == 0))
                _files.TryAdd(back.Name, back);
            _deleted.Clear();
            foreach ((string name, MemoryFile file) in _files.ToArray())
            {
                if (file.Survive(_random) is { } left)
                    _files[name] = left;
                else
                    _files.Remove(name);
            }
        }
    }

    /// <summary>Changes bytes of a file as they stand, as a bad disk does.</summary>
    /// <param name="name">Of the file.</param>
    /// <param name="change">Called with all of its bytes.</param>
    /// <exception cref="FileNotFoundException">There is none of this name.</exception>
    public void Corrupt(string name, Action<Span<byte>> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_gate)
            change(Find(name).Bytes);
    }

    /// <inheritdoc/>
    public IReadOnlyList<SpoolFileEntry> List()
    {
        lock (_gate)
        {
            ThrowIfDead(alive: true);
            return
            [
                .. _files.Values
                    .OrderBy(static file => file.Name, StringComparer.Ordinal)
                    .Select(static file => new SpoolFileEntry(file.Name, file.Length)),
            ];
        }
    }

    /// <inheritdoc/>
    public ISpoolFile Create(string name)
    {
        lock (_gate)
        {
            Begin(DiskOperationKind.Create, name);
            MemoryFile file = new(name);
            if (!_files.TryAdd(name, file))
                throw new IOException($"{name} exists already: choose another name.");
            return new MemorySpoolFile(this, file);
        }
    }

    /// <inheritdoc/>
    public ISpoolFile Open(string name)
    {
        lock (_gate)
        {
            Begin(DiskOperationKind.Open, name);
            return new MemorySpoolFile(this, Find(name));
        }
    }

    /// <inheritdoc/>
    public void Rename(string name, string newName)
    {
        lock (_gate)
        {
            Begin(DiskOperationKind.Rename, name);
            MemoryFile file = Find(name);
            _files.Remove(name);
            file.Name = newName;
            file.IsNameDurable = true;
            _files[newName] = file;
        }
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        lock (_gate)
        {
            Begin(DiskOperationKind.Delete, name);
            if (_files.Remove(name, out MemoryFile? file))
                _deleted.Add(file);
        }
    }

    /// <inheritdoc/>
    public void FlushDeletions(string folder)
    {
        lock (_gate)
        {
            Begin(DiskOperationKind.Flush, folder);
            _deleted.RemoveAll(file => file.Name.StartsWith(folder + "/", StringComparison.Ordinal));
        }
    }

    /// <summary>Does nothing: a disk stays when the process that used it goes.</summary>
    public void Dispose()
    {
    }

    internal void Append(MemoryFile file, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            ThrowIfDead(Holds(file));
            DiskFault fault = Ask(DiskOperationKind.Append, file.Name, data.Length);
            long free = CapacityBytes - _files.Values.Sum(static each => (long)each.Length);
            if (fault == DiskFault.None && data.Length > free)
                fault = DiskFault.NoSpace;
            if (fault == DiskFault.None)
            {
                file.Append(data);
                return;
            }

            int part = _random.Next(data.Length);
            file.Append(data[..(int)Math.Min(part, Math.Max(0, free))]);
            Fail(fault, "write to", file.Name);
        }
    }

    internal int Read(MemoryFile file, long offset, Span<byte> destination)
    {
        lock (_gate)
        {
            ThrowIfDead(Holds(file));
            Fail(Ask(DiskOperationKind.Read, file.Name, destination.Length), "read", file.Name);
            return file.Read(offset, destination);
        }
    }

    internal void Truncate(MemoryFile file, long length)
    {
        lock (_gate)
        {
            ThrowIfDead(Holds(file));
            Fail(Ask(DiskOperationKind.Truncate, file.Name, 0), "set the length of", file.Name);
            file.Truncate(length);
        }
    }

    internal void Flush(MemoryFile file)
    {
        lock (_gate)
        {
            ThrowIfDead(Holds(file));
            DiskFault fault = Ask(DiskOperationKind.Flush, file.Name, 0);
            if (fault is DiskFault.InputOutput or DiskFault.NoSpace)
                file.FailFlush();
            Fail(fault, "flush", file.Name);
            file.Flush();
        }
    }

    internal long LengthOf(MemoryFile file)
    {
        lock (_gate)
            return file.Length;
    }

    private MemoryFile Find(string name) => _files.TryGetValue(name, out MemoryFile? file)
        ? file
        : throw new FileNotFoundException($"There is no {name}.", name);

    // A file that was deleted while open goes on to be usable; one from before a power cut does not.
    private bool Holds(MemoryFile file) => _files.ContainsValue(file) || _deleted.Contains(file);

    private void Begin(DiskOperationKind kind, string name)
    {
        ThrowIfDead(alive: true);
        Fail(Ask(kind, name, 0), kind.ToString(), name);
    }

    private DiskFault Ask(DiskOperationKind kind, string name, int bytes) =>
        Faults(new DiskOperation(kind, name, bytes, _operations[(int)kind]++));

    private void ThrowIfDead(bool alive)
    {
        if (!HasPower)
            throw new DurableFileException("The disk has no power (MemorySpoolFiles.CutPower).", Eio);
        if (!alive)
            throw new DurableFileException("This file was open when the power went: open it again.", Eio);
    }

    private void Fail(DiskFault fault, string what, string name)
    {
        switch (fault)
        {
            case DiskFault.None:
                return;
            case DiskFault.NoSpace:
                throw new DurableFileException(
                    $"Could not {what} {name}: no space left on device (errno {Enospc}). Free space.",
                    Enospc);
            case DiskFault.PowerCut:
                HasPower = false;
                throw new DurableFileException($"Could not {what} {name}: the power went.", Eio);
            default:
                throw new DurableFileException(
                    $"Could not {what} {name}: input/output error (errno {Eio}). Check the disk's health.",
                    Eio);
        }
    }
}
