namespace AvSdk.Grpc;

/// <summary>
/// A call ended with a status other than OK: the server said so, or the client found out (no connection, the
/// timeout passed, bytes that are no gRPC). A handler throws it to end its call with that status.
/// </summary>
/// <remarks>A call that its caller cancelled through a token throws <see cref="OperationCanceledException"/>
/// instead.</remarks>
public sealed class GrpcException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="statusCode">Any but OK.</param>
    /// <param name="detail">For people: what happened, where, and what to do. Handlers: the peer sees
    /// it.</param>
    /// <param name="innerException">The cause; it does not go over the wire.</param>
    public GrpcException(GrpcStatusCode statusCode, string detail, Exception? innerException = null)
        : base($"{statusCode}: {detail}", innerException)
    {
        StatusCode = statusCode;
        Detail = detail;
    }

    /// <summary>Creates the exception with status details, which include code and text.</summary>
    public GrpcException(GrpcStatusDetails details)
        : this(Require(details).StatusCode, details.Message) => StatusDetails = details.ToByteArray();

    /// <summary>Creates the exception with the status UNKNOWN.</summary>
    public GrpcException(string message)
        : this(GrpcStatusCode.Unknown, message)
    {
    }

    /// <summary>Creates the exception with the status UNKNOWN.</summary>
    public GrpcException(string message, Exception innerException)
        : this(GrpcStatusCode.Unknown, message, innerException)
    {
    }

    /// <summary>Creates the exception with the status UNKNOWN.</summary>
    public GrpcException()
        : this(GrpcStatusCode.Unknown, "The call failed.")
    {
    }

    /// <summary>The status; never OK.</summary>
    public GrpcStatusCode StatusCode { get; }

    /// <summary>The status' text, as it went over the wire; may be empty.</summary>
    public string Detail { get; }

    /// <summary>What the server sent after its messages; empty when the call did not come so far.</summary>
    public GrpcMetadata Trailers { get; init; } = [];

    /// <summary>
    /// When the server wants to be called again (<c>grpc-retry-pushback-ms</c>, gRFC A6; HTTP's <c>Retry-After</c> where no
    /// gRPC was answered); <see cref="Timeout.InfiniteTimeSpan"/>: never. Null: it does not say.
    /// </summary>
    public TimeSpan? RetryPushback { get; init; }

    /// <summary>The serialised <c>google.rpc.Status</c>; empty when there is none.</summary>
    public ReadOnlyMemory<byte> StatusDetails { get; init; }

    /// <summary><see cref="StatusDetails"/>, parsed; null when there are none.</summary>
    public GrpcStatusDetails? GetStatusDetails()
    {
        if (StatusDetails.IsEmpty)
            return null;
        return GrpcStatusDetails.TryParse(StatusDetails, out GrpcStatusDetails? details) ? details : null;
    }

    private static GrpcStatusDetails Require(GrpcStatusDetails details)
    {
        ArgumentNullException.ThrowIfNull(details);
        return details;
    }
}
