namespace AvSdk.Recording;

/// <summary>
/// The recorder cannot do what it was asked; the message says what happened, where, and what to do.
/// </summary>
public sealed class RecorderException : Exception
{
    /// <summary>Creates the exception.</summary>
    public RecorderException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public RecorderException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public RecorderException()
    {
    }
}
