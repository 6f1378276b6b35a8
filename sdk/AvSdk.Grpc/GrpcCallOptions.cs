namespace AvSdk.Grpc;

/// <summary>What one call has of its own.</summary>
public sealed record GrpcCallOptions
{
    /// <summary>No headers, no timeout.</summary>
    public static GrpcCallOptions Default { get; } = new();

    /// <summary>Sent ahead of the first message, after those of the channel. Default: none.</summary>
    public GrpcMetadata? Headers { get; init; }

    /// <summary>
    /// How long the whole call may take, its messages and the connecting included; the server is told.
    /// Afterwards it fails with
    /// <see cref="GrpcStatusCode.DeadlineExceeded"/>. Default: null, no end.
    /// </summary>
    public TimeSpan? Timeout { get; init; }
}
