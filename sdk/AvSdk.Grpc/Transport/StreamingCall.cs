using Google.Protobuf;

namespace AvSdk.Grpc.Transport;

/// <summary>Both halves of a call that streams requests, and their end.</summary>
internal sealed record StreamingCall<TRequest, TResponse>(
    ResponseReader<TResponse> Reader, RequestWriter<TRequest> Writer,
    CallLifetime Lifetime) : IAsyncDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    public async ValueTask DisposeAsync()
    {
        Lifetime.Abort();
        Writer.Dispose();
        await Reader.DisposeAsync().ConfigureAwait(false);
        Lifetime.Dispose();
    }
}
