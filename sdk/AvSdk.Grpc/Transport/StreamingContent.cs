using System.Net;

namespace AvSdk.Grpc.Transport;

/// <summary>
/// The body of a call that streams requests: hands the connection's stream out, and stays until it is
/// completed.
/// </summary>
internal sealed class StreamingContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(
        TaskCreationOptions.RunContinuationsAsynchronously);

    public StreamingContent()
    {
        Headers.TryAddWithoutValidation("content-type", "application/grpc");

        // A call may end before anybody waits for these.
        _ = _stream.Task.ContinueWith(
            static t => t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>
    /// Where to write the frames, once there is a connection; faults when there will be none.
    /// </summary>
    public Task<Stream> Stream => _stream.Task;

    /// <summary>No more requests: the body ends in order.</summary>
    public void Complete() => _completed.TrySetResult();

    /// <summary>The call is over: a body that has not ended is reset.</summary>
    public void Abort(Exception cause)
    {
        _stream.TrySetException(cause);
        _completed.TrySetCanceled(CancellationToken.None);
    }

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        try
        {
            // The headers go now: a server may have to speak first.
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A server that refuses at once may have ended the stream already: who waits to write must not wait for ever.
            _stream.TrySetException(e);
            throw;
        }

        // Asked for a second time (the connection was closing) it cannot say again what was said: the call
        // fails.
        if (!_stream.TrySetResult(stream))
            throw new IOException("The connection closed as the call began.");
        await _completed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
