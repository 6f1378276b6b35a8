using AvSdk.Grpc.Transport;
using Google.Protobuf;

namespace AvSdk.Grpc;

/// <summary>
/// A call with one request and a stream of responses. Disposing it before its end tells the server to stop.
/// </summary>
public sealed class GrpcServerStreamingCall<TResponse> : IAsyncDisposable
    where TResponse : class, IMessage<TResponse>
{
    private readonly ResponseReader<TResponse> _reader;
    private readonly CallLifetime _lifetime;
    private readonly HttpContent _content;

    internal GrpcServerStreamingCall(
        ResponseReader<TResponse> reader, CallLifetime lifetime, HttpContent content)
    {
        _reader = reader;
        _lifetime = lifetime;
        _content = content;
    }

    /// <summary>What came after the last response.</summary>
    /// <exception cref="InvalidOperationException">The call has not ended yet.</exception>
    public GrpcMetadata Trailers => _reader.Trailers;

    /// <summary>Waits for what the server sent ahead of its responses.</summary>
    /// <exception cref="GrpcException">The call ended before it, with another status than OK.</exception>
    public Task<GrpcMetadata> GetResponseHeadersAsync(CancellationToken cancellationToken)
        => _reader.GetHeadersAsync(cancellationToken);

    /// <summary>The next response; null after the last one of a call that ended with OK.</summary>
    /// <remarks>A cancelled read takes nothing, and the call goes on.</remarks>
    /// <exception cref="GrpcException">The call ended with another status than OK.</exception>
    /// <exception cref="OperationCanceledException">This token, or that of the call, was
    /// cancelled.</exception>
    public ValueTask<TResponse?> ReadAsync(CancellationToken cancellationToken)
        => _reader.ReadAsync(cancellationToken);

    /// <summary>Every response from here to the end. Exceptions as <see cref="ReadAsync"/>.</summary>
    public IAsyncEnumerable<TResponse> ReadAllAsync(CancellationToken cancellationToken = default)
        => _reader.ReadAllAsync(cancellationToken);

    /// <summary>Ends the call and gives its memory back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync().ConfigureAwait(false);
        _content.Dispose();
        _lifetime.Dispose();
    }

    internal Task<TResponse> ReadOnlyOneAsync(CancellationToken cancellationToken)
        => _reader.ReadOnlyOneAsync(cancellationToken);
}
