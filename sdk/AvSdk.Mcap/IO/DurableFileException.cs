namespace AvSdk.Mcap;

/// <summary>The disk refused: a write or a flush of a <see cref="DurableFile"/> failed.</summary>
public sealed class DurableFileException : IOException
{
    /// <summary>An error of the operating system, as <c>errno</c>; 0: not known.</summary>
    public DurableFileException(string message, int errno, Exception? innerException = null)
        : base(message, innerException) => Errno = errno;

    /// <summary>An error without details; for serialisers.</summary>
    public DurableFileException()
    {
    }

    /// <summary>An error with a message alone.</summary>
    public DurableFileException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and what led to it.</summary>
    public DurableFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The operating system's error number, for example 28 (ENOSPC); 0: not known.</summary>
    public int Errno { get; }

    /// <summary>Whether the disk, or the quota on it, is full.</summary>
    public bool IsDiskFull => Errno is Libc.ENOSPC or Libc.EDQUOT;
}
