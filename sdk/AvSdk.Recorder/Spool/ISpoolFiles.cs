namespace AvSdk.Recording.Spool;

/// <summary>
/// The disk under a spool: a thin port. Names are relative to the spool, parts separated by <c>/</c>.
/// </summary>
/// <remarks>
/// Safe for use from any number of threads. Every failure of the disk is an <see cref="IOException"/> whose
/// message says what to do; an implementation never reports a flush as done which the kernel refused.
/// </remarks>
public interface ISpoolFiles : IDisposable
{
    /// <summary>For people: where the spool is, for example <c>/var/lib/avagent/spool</c>.</summary>
    string Name { get; }

    /// <summary>Every file of the spool, in ordinal order of name.</summary>
    IReadOnlyList<SpoolFileEntry> List();

    /// <summary>
    /// A new, empty file, with the folders that its name asks for. The caller's to dispose.
    /// </summary>
    /// <exception cref="IOException">The name is taken, or the disk refused.</exception>
    ISpoolFile Create(string name);

    /// <summary>A file that exists, to be read and appended to. The caller's to dispose.</summary>
    /// <exception cref="FileNotFoundException">There is none of this name.</exception>
    ISpoolFile Open(string name);

    /// <summary>Gives a file another name, durably; a file that has this name already is replaced.</summary>
    void Rename(string name, string newName);

    /// <summary>
    /// Deletes a file, and folders that become empty. A name that is not there is no error.
    /// </summary>
    void Delete(string name);

    /// <summary>
    /// Makes durable what was deleted in a folder and those below it: until then a power cut may bring it back.
    /// </summary>
    /// <param name="folder">Relative to the spool; one that is gone altogether is no error.</param>
    void FlushDeletions(string folder);

    /// <summary>Bytes that can still be written to the disk under the spool.</summary>
    long FreeBytes { get; }
}
