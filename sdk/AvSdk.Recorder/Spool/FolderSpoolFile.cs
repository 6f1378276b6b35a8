using AvSdk.Mcap;

namespace AvSdk.Recording.Spool;

/// <summary>A file of a <see cref="FolderSpoolFiles"/>.</summary>
internal sealed class FolderSpoolFile(string name, DurableFile file, string root) : ISpoolFile
{
    // Of one that was found neither: whoever made it may have been killed before it flushed it.
    private bool _isNameDurable;

    public string Name { get; } = name;

    public long LengthBytes => file.Position;

    public void Append(ReadOnlySpan<byte> data) => file.Write(data);

    public int Read(long offset, Span<byte> destination) => file.ReadAt(offset, destination);

    public void Truncate(long lengthBytes) => file.Truncate(lengthBytes);

    public void Flush()
    {
        file.Flush();
        if (_isNameDurable)
            return;
        // The entry of the file, and those of the folders that were made for it.
        for (string? folder = Path.GetDirectoryName(file.Path); folder is not null && folder.Length >= root.Length;
            folder = Path.GetDirectoryName(folder))
        {
            DurableFile.FlushDirectory(folder);
        }

        _isNameDurable = true;
    }

    public void Dispose() => file.Dispose();
}
