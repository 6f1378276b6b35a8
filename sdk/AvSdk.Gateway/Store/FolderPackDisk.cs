using AvSdk.Mcap;

namespace AvSdk.Gateway.Store;

/// <summary>The folder of a file system that packs are in.</summary>
internal sealed class FolderPackDisk(string folder) : IPackDisk
{
    public string PathOf(string name) => Path.Combine(folder, name);

    public bool Exists(string name) => File.Exists(PathOf(name));

    public IReadOnlyList<string> List(string name)
    {
        string path = PathOf(name);
        return Directory.Exists(path)
            ? [.. Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)!)
                .Order(StringComparer.Ordinal)]
            : [];
    }

    public IPackFile Create(string name)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new PackFile(name, DurableFile.Create(path));
    }

    public IPackFile Open(string name) => new PackFile(name, DurableFile.OpenExisting(PathOf(name)));

    public void Delete(string name)
    {
        string path = PathOf(name);
        File.Delete(path);
        DurableFile.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    public void FlushName(string name)
    {
        // The file's folder, the vehicle's, the store's, and the one that the store is in.
        string? path = Path.GetDirectoryName(PathOf(name));
        for (int level = 0; level < 4 && path is not null; level++)
        {
            DurableFile.FlushDirectory(path);
            path = Path.GetDirectoryName(path);
        }
    }

    public async ValueTask<int> ReadAsync(
        string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        using FileSource file = new(PathOf(name));
        return await file.ReadAtAsync(offset, destination, cancellationToken).ConfigureAwait(false);
    }

    public Stream OpenRead(string name) => new FileStream(
        PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public void CheckWritable()
    {
        Directory.CreateDirectory(folder);
        string path = PathOf($".probe-{Guid.NewGuid():N}");
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
    }

    private sealed class PackFile(string name, DurableFile file) : IPackFile
    {
        public string Name => name;

        public long Position => file.Position;

        public long Length => file.Length;

        public void Write(ReadOnlySpan<byte> bytes) => file.Write(bytes);

        public void Flush() => file.Flush();

        public void Truncate(long length) => file.Truncate(length);

        public int ReadAt(long offset, Span<byte> destination) => file.ReadAt(offset, destination);

        public ValueTask<int> ReadAtAsync(
            long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            file.ReadAtAsync(offset, destination, cancellationToken);

        public void Dispose() => file.Dispose();
    }
}
