namespace AvSdk.Testing;

/// <summary>Something that is asked of <see cref="MemorySpoolFiles"/>.</summary>
/// <param name="Kind">What.</param>
/// <param name="Name">The file's name.</param>
/// <param name="Bytes">How many bytes to append or read; 0 for others.</param>
/// <param name="Number">How many operations of this kind there were before, of all files.</param>
public readonly record struct DiskOperation(DiskOperationKind Kind, string Name, int Bytes, long Number);
