namespace AvSdk.Recording.Spool;

/// <summary>One open file of a spool.</summary>
/// <remarks>
/// One writer at a time; reads may run beside it, also through another instance opened on the same name.
/// Every failure is an <see cref="IOException"/>. After a failed <see cref="Append"/> the length is unknown,
/// and after a failed <see cref="Flush"/> what was appended since the last good one may be lost even though a
/// second flush succeeds: the owner goes on in another file.
/// </remarks>
public interface ISpoolFile : IDisposable
{
    /// <summary>The name it was created or opened with.</summary>
    string Name { get; }

    /// <summary>Its length, bytes.</summary>
    long LengthBytes { get; }

    /// <summary>Adds bytes at the end. <paramref name="data"/> is borrowed until the call returns.</summary>
    void Append(ReadOnlySpan<byte> data);

    /// <summary>
    /// Reads from <paramref name="offset"/>. Returns how many bytes were read: fewer than asked for only at
    /// the end.
    /// </summary>
    int Read(long offset, Span<byte> destination);

    /// <summary>Cuts the file after <paramref name="lengthBytes"/>.</summary>
    void Truncate(long lengthBytes);

    /// <summary>Returns when data, length and name are durable: they survive a power cut.</summary>
    void Flush();
}
