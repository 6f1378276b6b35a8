namespace AvSdk.Gateway.Index;

/// <summary>
/// What was told contradicts what the index holds. The message says both and is meant for the vehicle's log.
/// </summary>
public sealed class IndexConflictException : Exception
{
    /// <summary>Creates the exception.</summary>
    public IndexConflictException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public IndexConflictException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public IndexConflictException()
        : this("What was told contradicts what the index holds.")
    {
    }
}
