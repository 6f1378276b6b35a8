namespace AvSdk.Gateway.Query;

/// <summary>Why a question has no answer.</summary>
internal enum QueryRefusalKind
{
    /// <summary>It is not a question that makes sense.</summary>
    BadRequest,

    /// <summary>There is nothing of the kind.</summary>
    NotFound,

    /// <summary>The answer is over a limit.</summary>
    TooLarge,

    /// <summary>It is in the index, and its bytes cannot be read: asking again does not help.</summary>
    DataLost,
}

/// <summary>A question that cannot be answered; the message says what is wrong and what to do.</summary>
// Thrown and caught in this assembly alone; the usual constructors would only lose the kind.
#pragma warning disable CA1032
internal sealed class QueryRefusal(QueryRefusalKind kind, string message) : Exception(message)
#pragma warning restore CA1032
{
    public QueryRefusalKind Kind { get; } = kind;
}
