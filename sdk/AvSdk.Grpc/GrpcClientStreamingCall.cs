using AvSdk.Grpc.Transport;
using Google.Protobuf;

namespace AvSdk.Grpc;

/// <summary>
/// A call with a stream of requests and one response. Disposing it before its end tells the server to stop.
/// </summary>
/// <remarks>Concurrent writes go one after the other.</remarks>
public sealed class GrpcClientStreamingCall<TRequest, TResponse> : IAsyncDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly StreamingCall<TRequest, TResponse> _call;

    // Read from the start: a server that answers early, and does not reset the stream, would leave a writer
    // waiting.
    private readonly Task<TResponse> _response;

    internal GrpcClientStreamingCall(StreamingCall<TRequest, TResponse> call)
    {
        _call = call;
        _response = call.Reader.ReadOnlyOneAsync(CancellationToken.None);
        _ = _response.ContinueWith(
            static t => t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>What came after the response.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended yet.</exception>
    public GrpcMetadata Trailers => _call.Reader.Trailers;

    /// <inheritdoc cref="GrpcDuplexCall{TRequest, TResponse}.GetResponseHeadersAsync"/>
    public Task<GrpcMetadata> GetResponseHeadersAsync(CancellationToken cancellationToken)
        => _call.Reader.GetHeadersAsync(cancellationToken);

    /// <inheritdoc cref="GrpcDuplexCall{TRequest, TResponse}.WriteAsync"/>
    public ValueTask WriteAsync(TRequest message, CancellationToken cancellationToken)
        => _call.Writer.WriteAsync(message, cancellationToken);

    /// <summary>No more requests: waits for the response. </summary>
    /// <exception cref="GrpcException">The call ended with another status than OK.</exception>
    /// <exception cref="OperationCanceledException">This token, or that of the call, was
    /// cancelled.</exception>
    public async Task<TResponse> CompleteAsync(CancellationToken cancellationToken = default)
    {
        await _call.Writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return await _response.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the call and gives its memory back.</summary>
    public ValueTask DisposeAsync() => _call.DisposeAsync();
}
