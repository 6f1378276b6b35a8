using AvSdk.Recording.Spool;

namespace AvSdk.Simulation.Mutants;

/// <summary>A spool whose files are put into another's hands.</summary>
internal sealed class BrokenFiles(ISpoolFiles inner, Func<string, ISpoolFile, ISpoolFile> wrap) : ISpoolFiles
{
    public string Name => inner.Name;

    public long FreeBytes => inner.FreeBytes;

    /// <summary>Called before a file is made.</summary>
    public Action<string>? Creating { get; init; }

    /// <summary>Called before a file is opened.</summary>
    public Action<string>? Opening { get; init; }

    public IReadOnlyList<SpoolFileEntry> List() => inner.List();

    public ISpoolFile Create(string name)
    {
        Creating?.Invoke(name);
        return wrap(name, inner.Create(name));
    }

    public ISpoolFile Open(string name)
    {
        Opening?.Invoke(name);
        return wrap(name, inner.Open(name));
    }

    public void Rename(string name, string newName) => inner.Rename(name, newName);

    public void Delete(string name) => inner.Delete(name);

    public void FlushDeletions(string folder) => inner.FlushDeletions(folder);

    public void Dispose() => inner.Dispose();
}

/// <summary>A file whose flush is another.</summary>
internal sealed class BrokenFlush(ISpoolFile inner, Action<Action> flush) : ISpoolFile
{
    public string Name => inner.Name;

    public long LengthBytes => inner.LengthBytes;

    public void Append(ReadOnlySpan<byte> data) => inner.Append(data);

    public int Read(long offset, Span<byte> destination) => inner.Read(offset, destination);

    public void Truncate(long lengthBytes) => inner.Truncate(lengthBytes);

    public void Flush() => flush(inner.Flush);

    public void Dispose() => inner.Dispose();
}
