namespace AvSdk.Gateway.Ingest;

/// <summary>Why a stream is ended.</summary>
internal enum IngestRefusalKind
{
    /// <summary>The message is wrong, or over a limit: the same again will be refused again.</summary>
    BadMessage,

    /// <summary>This vehicle may not do that.</summary>
    NotAllowed,

    /// <summary>The gateway cannot now; another stream later may succeed.</summary>
    NotNow,

    /// <summary>It takes on no more at present: another stream after a time that is told will be taken.</summary>
    Busy,
}

/// <summary>Ends a stream. The message goes to the vehicle: what happened and what to do.</summary>
// Thrown and caught in this folder alone; the usual constructors would only lose the kind.
#pragma warning disable CA1032
internal sealed class IngestRefusal(IngestRefusalKind kind, string message, Exception? cause = null)
    : Exception(message, cause)
#pragma warning restore CA1032
{
    public IngestRefusalKind Kind { get; } = kind;

    /// <summary>When to come back; null: as the vehicle likes.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static IngestRefusal Bad(string message) => new(IngestRefusalKind.BadMessage, message);
}
