namespace AvSdk.Gateway.Store;

/// <summary>
/// The disk under a <see cref="FolderPackStore"/>: a thin port, so that the store runs over a simulated one.
/// Names are relative to the store, parts separated by <c>/</c>.
/// </summary>
/// <remarks>Safe for threads. Failures of the disk are <see cref="IOException"/>s.</remarks>
internal interface IPackDisk
{
    /// <summary>For people: where a name is.</summary>
    string PathOf(string name);

    bool Exists(string name);

    /// <summary>Names in a folder, files and folders, in ordinal order; none where it is not there.</summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>A new file, with the folders that it needs.</summary>
    /// <exception cref="IOException">The name is taken, or the disk refused.</exception>
    IPackFile Create(string name);

    /// <summary>A file that is there, to be cut and continued.</summary>
    IPackFile Open(string name);

    /// <summary>Deletes a file, durably.</summary>
    void Delete(string name);

    /// <summary>Makes the name of a new file durable, and those of its folders.</summary>
    void FlushName(string name);

    /// <summary>Reads up to the end of the file; returns how many bytes there were.</summary>
    ValueTask<int> ReadAsync(
        string name, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>The file from its beginning; the caller's to dispose.</summary>
    Stream OpenRead(string name);

    /// <summary>Writes and removes something small.</summary>
    void CheckWritable();
}
