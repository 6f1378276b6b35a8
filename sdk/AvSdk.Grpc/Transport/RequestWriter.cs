using System.Buffers;
using AvSdk.Grpc.Framing;
using Google.Protobuf;

namespace AvSdk.Grpc.Transport;

/// <summary>The asking half of a call that streams requests.</summary>
/// <remarks>
/// Writes are serialised: each goes whole, in the order in which they began. After a write that failed or was
/// cancelled half way nobody knows where a message begins, so the call is aborted and takes no more.
/// </remarks>
internal sealed class RequestWriter<TRequest>(
    StreamingContent content,
    CallLifetime lifetime,
    int messageBytesMax,
    Func<Exception, Task<Exception>> explainFailure) : IDisposable
    where TRequest : class, IMessage<TRequest>
{
    // A larger buffer goes back to the pool after its message.
    private const int KeptBytesMax = 1024 * 1024;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private byte[] _frame = [];
    private Exception? _failure;
    private bool _completed;

    public async ValueTask WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        int messageBytes = message.CalculateSize();
        if (messageBytes > messageBytesMax)
        {
            throw MessageFraming.TooLarge(
                "sent", messageBytes, messageBytesMax, nameof(GrpcChannelOptions.SendMessageBytesMax));
        }

        if (!_turn.Wait(0, CancellationToken.None))
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_failure is not null)
                throw _failure;
            if (_completed)
                throw new InvalidOperationException("The requests are complete; no more can be sent.");
            await WriteFrameAsync(message, messageBytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        _completed = true;
        content.Complete();
        _turn.Release();
    }

    public void Dispose()
    {
        content.Abort(new ObjectDisposedException(nameof(RequestWriter<TRequest>)));

        // A write still under way keeps its memory: the pool must not see it twice.
        if (_turn.Wait(0, CancellationToken.None))
        {
            _completed = true;
            ReturnFrame();
            _turn.Release();
        }
    }

    private async ValueTask WriteFrameAsync(
        TRequest message, int messageBytes, CancellationToken cancellationToken)
    {
        int frameBytes = MessageFraming.PrefixBytes + messageBytes;
        bool begun = false;
        try
        {
            using LinkedScope scope = new(lifetime, cancellationToken);
            Stream stream = content.Stream.IsCompletedSuccessfully
                ? content.Stream.Result
                : await content.Stream.WaitAsync(scope.Token).ConfigureAwait(false);
            if (_frame.Length < frameBytes)
            {
                ReturnFrame();
                _frame = ArrayPool<byte>.Shared.Rent(frameBytes);
            }

            MessageFraming.Write(_frame, message, messageBytes);
            begun = true;
            await stream.WriteAsync(_frame.AsMemory(0, frameBytes), scope.Token).ConfigureAwait(false);
            await stream.FlushAsync(scope.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!begun && cancellationToken.IsCancellationRequested
            && !lifetime.Token.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (Exception e)
        {
            _failure = await FailureAsync(e, cancellationToken).ConfigureAwait(false);
            lifetime.Abort();
            throw _failure;
        }
        finally
        {
            if (_frame.Length > KeptBytesMax)
                ReturnFrame();
        }
    }

    private async ValueTask<Exception> FailureAsync(Exception cause, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested && !lifetime.Token.IsCancellationRequested)
        {
            return new OperationCanceledException(
                $"A write of {lifetime.Target} was cancelled half way, so the call was aborted.", cause,
                cancellationToken);
        }

        return await explainFailure(cause).ConfigureAwait(false);
    }

    private void ReturnFrame()
    {
        byte[] frame = Interlocked.Exchange(ref _frame, []);
        if (frame.Length > 0)
            ArrayPool<byte>.Shared.Return(frame);
    }
}
