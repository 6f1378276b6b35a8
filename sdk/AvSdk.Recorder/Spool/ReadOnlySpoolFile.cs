namespace AvSdk.Recording.Spool;

/// <summary>A file of a spool that another process may be writing: reads, and refuses everything else.</summary>
internal sealed class ReadOnlySpoolFile : ISpoolFile
{
    private readonly FileStream _stream;

    private ReadOnlySpoolFile(string name, FileStream stream)
    {
        Name = name;
        _stream = stream;
        LengthBytes = stream.Length;
    }

    public string Name { get; }

    /// <summary>When it was opened.</summary>
    public long LengthBytes { get; }

    /// <summary>Null: it is gone.</summary>
    public static ReadOnlySpoolFile? TryOpen(string folder, string name)
    {
        try
        {
            return new ReadOnlySpoolFile(name, new FileStream(
                Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
                bufferSize: 0));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public int Read(long offset, Span<byte> destination)
    {
        int read = 0;
        while (read < destination.Length
            && RandomAccess.Read(_stream.SafeFileHandle, destination[read..], offset + read) is > 0 and int more)
        {
            read += more;
        }

        return read;
    }

    public void Append(ReadOnlySpan<byte> data) => throw ReadOnly();

    public void Truncate(long lengthBytes) => throw ReadOnly();

    public void Flush() => throw ReadOnly();

    public void Dispose() => _stream.Dispose();

    private NotSupportedException ReadOnly() => new($"{Name} was opened to be read.");
}
