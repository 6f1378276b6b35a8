namespace AvSdk.Recording.Spool;

/// <summary>
/// A chunk is not in the spool as it was written, and never will be again: reading it once more is no help.
/// Any other <see cref="IOException"/> of a read says something of the disk or the process, not of the chunk.
/// </summary>
internal sealed class ChunkDamagedException : IOException
{
    public ChunkDamagedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
