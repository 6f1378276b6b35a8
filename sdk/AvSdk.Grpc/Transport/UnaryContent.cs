using System.Buffers;
using System.Net;
using AvSdk.Grpc.Framing;
using Google.Protobuf;

namespace AvSdk.Grpc.Transport;

/// <summary>The body of a call with one request: one framed message, in pooled memory until the content is disposed.</summary>
internal sealed class UnaryContent : HttpContent
{
    private byte[] _frame;
    private readonly int _frameBytes;

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
    protected override Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
        => stream.WriteAsync(_frame.AsMemory(0, _frameBytes), cancellationToken).AsTask();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    // No content-length: some servers take it for a promise that there are no trailers.
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        byte[] frame = Interlocked.Exchange(ref _frame, []);
        if (frame.Length > 0)
            ArrayPool<byte>.Shared.Return(frame);
        base.Dispose(disposing);
    }
}
