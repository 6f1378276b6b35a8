namespace AvSdk.Mcap;

/// <summary>Thrown by the calls that do not return a result, for bytes that are not good MCAP.</summary>
public sealed class McapException : Exception
{
    /// <summary>An exception that carries <paramref name="error"/>.</summary>
    public McapException(McapError error)
        : base(error.Message) => Error = error;

    /// <summary>An exception that carries <paramref name="error"/>, and what led to it.</summary>
    public McapException(McapError error, Exception innerException)
        : base(error.Message, innerException) => Error = error;

    /// <summary>An exception without details; for serialisers.</summary>
    public McapException()
    {
    }

    /// <summary>An exception with a message alone.</summary>
    public McapException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and what led to it.</summary>
    public McapException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Where, what was expected, what was found.</summary>
    public McapError Error { get; }
}
