using AvSdk.Mcap;
using AvSdk.Recording.Spool;
using AvSdk.Simulation.Clock;

namespace AvSdk.Simulation.Disk;

/// <summary>
/// A car's disk as one recorder's spool; does what <see cref="FolderSpoolFiles"/> asks of the kernel.
/// </summary>
internal sealed class SpoolDisk(SimulatedDisk disk, Life life) : ISpoolFiles
{
    private SimulatedDisk Disk => disk;

    public string Name => "simulated";

    public long FreeBytes
    {
        get
        {
            ThrowIfOver();
            return disk.FreeBytes;
        }
    }

    public IReadOnlyList<SpoolFileEntry> List()
    {
        ThrowIfOver();
        disk.AskToList();
        return [.. disk.Files.Select(static file => new SpoolFileEntry(file.Name, file.Bytes))];
    }

    public ISpoolFile Create(string name)
    {
        ThrowIfOver();
        return new OpenFile(this, name, disk.Create(name));
    }

    public ISpoolFile Open(string name)
    {
        ThrowIfOver();
        return new OpenFile(this, name, disk.Open(name));
    }

    public void Rename(string name, string newName)
    {
        ThrowIfOver();
        disk.Rename(name, newName);
        disk.FlushNames(newName);
    }

    public void Delete(string name)
    {
        ThrowIfOver();
        disk.Delete(name);
    }

    public void FlushDeletions(string folder)
    {
        ThrowIfOver();
        disk.FlushNamesIn(folder);
    }

    public void Dispose()
    {
    }

    private void ThrowIfOver()
    {
        if (life.IsOver)
            throw new DurableFileException("This process is no more.", SimulatedDisk.Eio);
    }

    private sealed class OpenFile(SpoolDisk spool, string name, Inode file) : ISpoolFile
    {
        private readonly SimulatedDisk _disk = spool.Disk;
        private bool _isNameDurable;
        private bool _flushFailed;
        private bool _isDisposed;

        public string Name => name;

        public long LengthBytes => file.Length;

        public void Append(ReadOnlySpan<byte> data)
        {
            Check();
            CheckFlushed();
            _disk.Append(file, name, data);
        }

        public int Read(long offset, Span<byte> destination)
        {
            Check();
            return _disk.Read(file, name, offset, destination);
        }

        public void Truncate(long lengthBytes)
        {
            Check();
            _disk.Truncate(file, name, lengthBytes);
        }

        public void Flush()
        {
            Check();
            CheckFlushed();
            try
            {
                _disk.Flush(file, name);
            }
            catch (DurableFileException)
            {
                _flushFailed = true;
                throw;
            }

            if (_isNameDurable)
                return;
            _disk.FlushNames(name);
            _isNameDurable = true;
        }

        public void Dispose() => _isDisposed = true;

        private void Check()
        {
            spool.ThrowIfOver();
            ObjectDisposedException.ThrowIf(_isDisposed, this);
        }

        // As DurableFile does.
        private void CheckFlushed()
        {
            if (_flushFailed)
                throw new DurableFileException($"An earlier flush of {name} failed.", SimulatedDisk.Eio);
        }
    }
}
