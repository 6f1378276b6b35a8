namespace AvSdk.Query;

/// <summary>
/// A query cannot be answered, or not to its end; the message says what happened and what to do.
/// </summary>
public sealed class AvQueryException : Exception
{
    /// <summary>Creates the exception.</summary>
    public AvQueryException(AvQueryError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>Creates the exception.</summary>
    public AvQueryException()
    {
    }

    /// <summary>Creates the exception.</summary>
    public AvQueryException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public AvQueryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What kind of failure it is.</summary>
    public AvQueryError Error { get; }

    /// <summary>
    /// When the gateway wants to be asked again; <see cref="Timeout.InfiniteTimeSpan"/>: never. Null: it does not say.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Where a reading stopped: <see cref="AvQuery.After"/> goes on there. Null where nothing had been read.
    /// </summary>
    public QueryPosition? Position { get; init; }
}
