using AvSdk.Grpc.Transport;
using Google.Protobuf;

namespace AvSdk.Grpc;

/// <summary>A call whose both ends stream. Disposing it before its end tells the server to stop.</summary>
/// <remarks>Writing and reading are independent. Concurrent writes go one after the other, and so do
/// concurrent reads.</remarks>
public sealed class GrpcDuplexCall<TRequest, TResponse> : IAsyncDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly StreamingCall<TRequest, TResponse> _call;

    internal GrpcDuplexCall(StreamingCall<TRequest, TResponse> call) => _call = call;

    /// <summary>What came after the last response.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended yet.</exception>
    public GrpcMetadata Trailers => _call.Reader.Trailers;

    /// <summary>Waits for what the server sent ahead of its responses.</summary>
    /// <exception cref="GrpcException">The call ended before it, with another status than OK.</exception>
    public Task<GrpcMetadata> GetResponseHeadersAsync(CancellationToken cancellationToken)
        => _call.Reader.GetHeadersAsync(cancellationToken);

    /// <summary>
    /// Sends a request; returns when the connection has taken it, which is its flow control. The message is
    /// borrowed until the task ends.
    /// </summary>
    /// <remarks>
    /// A write that is cancelled half way aborts the call, since nobody could tell where the next message
    /// begins. When the server has ended the call, the write throws the server's status; responses that came
    /// before stay to be read. Read while you write: a server may end a call without resetting it, which only
    /// shows in what it answers.
    /// </remarks>
    /// <exception cref="GrpcException">The call ended, or the message is over the limit (then the call goes
    /// on).</exception>
    /// <exception cref="OperationCanceledException">This token, or that of the call, was
    /// cancelled.</exception>
    /// <exception cref="InvalidOperationException"><see cref="CompleteAsync"/> came before.</exception>
    public ValueTask WriteAsync(TRequest message, CancellationToken cancellationToken)
        => _call.Writer.WriteAsync(message, cancellationToken);

    /// <summary>No more requests. Responses go on. Repeating it does nothing.</summary>
    public ValueTask CompleteAsync(CancellationToken cancellationToken = default)
        => _call.Writer.CompleteAsync(cancellationToken);

    /// <summary>The next response; null after the last one of a call that ended with OK.</summary>
    /// <remarks>A cancelled read takes nothing, and the call goes on.</remarks>
    /// <exception cref="GrpcException">The call ended with another status than OK.</exception>
    /// <exception cref="OperationCanceledException">This token, or that of the call, was
    /// cancelled.</exception>
    public ValueTask<TResponse?> ReadAsync(CancellationToken cancellationToken)
        => _call.Reader.ReadAsync(cancellationToken);

    /// <summary>Every response from here to the end. Exceptions as <see cref="ReadAsync"/>.</summary>
    public IAsyncEnumerable<TResponse> ReadAllAsync(CancellationToken cancellationToken = default)
        => _call.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Ends the call and gives its memory back.</summary>
    public ValueTask DisposeAsync() => _call.DisposeAsync();
}
