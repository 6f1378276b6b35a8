using AvSdk.Contracts.V1;

namespace AvSdk.Contracts.Carrier;

/// <summary>A stream over publications is over, other than in order.</summary>
public sealed class CarrierException : Exception
{
    /// <summary>Creates the exception.</summary>
    public CarrierException(StreamEnd.Types.Kind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>Creates the exception of a link that failed.</summary>
    public CarrierException(string message, Exception innerException)
        : this(StreamEnd.Types.Kind.NotNow, message, innerException)
    {
    }

    /// <summary>Creates the exception of a link that failed.</summary>
    public CarrierException(string message)
        : this(StreamEnd.Types.Kind.NotNow, message)
    {
    }

    /// <summary>Creates the exception of a link that failed.</summary>
    public CarrierException()
        : this("The stream is over.")
    {
    }

    /// <summary>Whether another stream may help, and what the other end said.</summary>
    public StreamEnd.Types.Kind Kind { get; }

    /// <summary>When the other end takes another stream, and not before; null: it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
