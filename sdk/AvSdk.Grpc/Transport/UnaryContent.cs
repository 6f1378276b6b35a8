using System.Buffers;
using System.Net;
using AvSdk.Grpc.Framing;
using Google.Protobuf;

namespace AvSdk.Grpc.Transport;

/// <summary>
/// The body of a call with one request: one framed message, in pooled memory until the content is disposed.
/// </summary>
internal sealed class UnaryContent : HttpContent
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly int _frameBytes;
    private byte[] _frame;
    private int _senders;
    private bool _disposed;

    public UnaryContent(IMessage message, int messageBytesMax)
    {
        int messageBytes = message.CalculateSize();
        if (messageBytes > messageBytesMax)
        {
            throw MessageFraming.TooLarge(
                "sent", messageBytes, messageBytesMax, nameof(GrpcChannelOptions.SendMessageBytesMax));
        }

        _frameBytes = MessageFraming.PrefixBytes + messageBytes;
        _frame = ArrayPool<byte>.Shared.Rent(_frameBytes);
        MessageFraming.Write(_frame, message, messageBytes);
        Headers.TryAddWithoutValidation("content-type", "application/grpc");
    }

    // Asked for again when a connection turns out to be closing: the frame is still here.
    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _senders++;
        }

        try
        {
            using CancellationTokenSource either =
                CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
            await stream.WriteAsync(_frame.AsMemory(0, _frameBytes), either.Token).ConfigureAwait(false);
        }
        finally
        {
            Leave(sender: true);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    // No content-length: some servers take it for a promise that there are no trailers.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    // A server may answer before it has read the request: what it does not want is not sent on.
    protected override void Dispose(bool disposing)
    {
        _stop.Cancel();
        Leave(sender: false);
        base.Dispose(disposing);
    }

    // The last one out returns the memory: sent from after that, it would hold another call's bytes.
    private void Leave(bool sender)
    {
        byte[] frame = [];
        lock (_gate)
        {
            if (sender)
                _senders--;
            else
                _disposed = true;
            if (_disposed && _senders == 0)
                (frame, _frame) = (_frame, frame);
        }

        if (frame.Length > 0)
            ArrayPool<byte>.Shared.Return(frame);
    }
}
