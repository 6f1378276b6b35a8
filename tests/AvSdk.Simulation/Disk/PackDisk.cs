using AvSdk.Gateway.Store;
using AvSdk.Mcap;
using AvSdk.Simulation.Clock;

namespace AvSdk.Simulation.Disk;

/// <summary>A gateway's disk as its pack store sees it; does what the folder's disk asks of the kernel.</summary>
internal sealed class PackDisk(SimulatedDisk disk, Life life) : IPackDisk
{
    public string PathOf(string name) => "/simulated/" + name;

    public bool Exists(string name)
    {
        ThrowIfOver();
        return disk.Find(name) is not null;
    }

    public IReadOnlyList<string> List(string folder)
    {
        ThrowIfOver();
        disk.AskToList();
        string prefix = folder.Length == 0 ? "" : folder + "/";
        return
        [
            .. disk.Files.Where(file => file.Name.StartsWith(prefix, StringComparison.Ordinal))
                .Select(file => file.Name[prefix.Length..].Split('/')[0]).Distinct(),
        ];
    }

    public IPackFile Create(string name)
    {
        ThrowIfOver();
        return new OpenFile(this, disk, name, disk.Create(name));
    }

    public IPackFile Open(string name)
    {
        ThrowIfOver();
        return new OpenFile(this, disk, name, disk.Open(name));
    }

    public void Delete(string name)
    {
        ThrowIfOver();
        disk.Delete(name);
        disk.FlushNames(name);
    }

    public void FlushName(string name)
    {
        ThrowIfOver();
        disk.FlushNames(name);
    }

    public ValueTask<int> ReadAsync(
        string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ThrowIfOver();
        return new(disk.Read(disk.Open(name), name, offset, destination.Span));
    }

    public Stream OpenRead(string name)
    {
        ThrowIfOver();
        return new MemoryStream(disk.Open(name).Bytes.ToArray(), writable: false);
    }

    public void CheckWritable() => ThrowIfOver();

    private void ThrowIfOver()
    {
        if (life.IsOver)
            throw new DurableFileException("This process is no more.", SimulatedDisk.Eio);
    }

    private sealed class OpenFile(PackDisk packs, SimulatedDisk disk, string name, Inode file) : IPackFile
    {
        private bool _flushFailed;

        public string Name => name;

        public long Position => file.Length;

        public long Length => file.Length;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            Check();
            disk.Append(file, name, bytes);
        }

        public void Truncate(long length)
        {
            Check();
            disk.Truncate(file, name, length);
        }

        public void Flush()
        {
            Check();
            try
            {
                disk.Flush(file, name);
            }
            catch (DurableFileException)
            {
                _flushFailed = true;
                throw;
            }
        }

        public int ReadAt(long offset, Span<byte> destination)
        {
            packs.ThrowIfOver();
            return disk.Read(file, name, offset, destination);
        }

        public ValueTask<int> ReadAtAsync(
            long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            new(ReadAt(offset, destination.Span));

        public void Dispose()
        {
        }

        // As DurableFile does.
        private void Check()
        {
            packs.ThrowIfOver();
            if (_flushFailed)
                throw new DurableFileException($"An earlier flush of {name} failed.", SimulatedDisk.Eio);
        }
    }
}
