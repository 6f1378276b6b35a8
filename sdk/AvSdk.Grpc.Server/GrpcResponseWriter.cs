using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using AvSdk.Grpc.Framing;
using AvSdk.Grpc.Server.Calls;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace AvSdk.Grpc.Server;

/// <summary>The responses of a call.</summary>
/// <remarks>
/// Writes may come from several tasks at once: each goes whole, in the order in which they began. Messages
/// are encoded straight into the connection's memory. After the handler has returned, writes are refused.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore has no handle until it is asked for.")]
public sealed class GrpcResponseWriter<TResponse>
    where TResponse : class, IMessage<TResponse>
{
    // A pipe pools segments up to this size; larger messages go in several.
    private const int SegmentBytesMax = 512 * 1024;
    private readonly HttpResponse _response;
    private readonly GrpcServerCallContext _context;
    private readonly int _messageBytesMax;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _headersPrepared;
    private bool _closed;

    internal GrpcResponseWriter(GrpcServerCallContext context, int messageBytesMax)
    {
        _context = context;
        _response = context.HttpContext.Response;
        _messageBytesMax = messageBytesMax;
    }

    internal int Messages { get; private set; }

    /// <summary>
    /// Sends a response; returns when the connection has taken it, which is its flow control. The message is
    /// borrowed until the task ends.
    /// </summary>
    /// <exception cref="GrpcException">The message is over the limit; nothing was sent, and the call goes
    /// on.</exception>
    /// <exception cref="OperationCanceledException">The token or the call was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The call has ended.</exception>
    public ValueTask WriteAsync(TResponse message, CancellationToken cancellationToken)
        => WriteAsync(message, flush: true, cancellationToken);

    internal async ValueTask WriteAsync(TResponse message, bool flush, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        int messageBytes = message.CalculateSize();
        if (messageBytes > _messageBytesMax)
        {
            throw MessageFraming.TooLarge(
                "sent",
                messageBytes,
                _messageBytesMax,
                "the server's " + nameof(GrpcServerOptions.SendMessageBytesMax));
        }

        if (!_turn.Wait(0, CancellationToken.None))
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            RequireOpen();
            PrepareHeaders();
            Encode(_response.BodyWriter, message, messageBytes);
            Messages++;
            if (flush)
                await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends the headers now, unless they have gone already.</summary>
    internal async ValueTask FlushHeadersAsync()
    {
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_closed || _headersPrepared)
                return;
            PrepareHeaders();
            await FlushAsync(_context.CancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Waits for a write that is under way, and refuses more. False: nothing has been sent.
    /// </summary>
    internal async ValueTask<bool> CloseAsync()
    {
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _closed = true;
        _turn.Release();
        return _headersPrepared;
    }

    private static void Encode(PipeWriter output, TResponse message, int messageBytes)
    {
        int frameBytes = MessageFraming.PrefixBytes + messageBytes;
        if (frameBytes <= SegmentBytesMax)
        {
            MessageFraming.Write(output.GetSpan(frameBytes), message, messageBytes);
            output.Advance(frameBytes);
            return;
        }

        MessageFraming.WritePrefix(output.GetSpan(MessageFraming.PrefixBytes), messageBytes);
        output.Advance(MessageFraming.PrefixBytes);
        message.WriteTo(new SegmentWriter(output, SegmentBytesMax));
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        FlushResult flushed = await _response.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (flushed.IsCompleted || _context.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(
                "The caller is gone, or its deadline has passed.", _context.CancellationToken);
        }
    }

    private void PrepareHeaders()
    {
        if (_headersPrepared)
            return;
        _headersPrepared = true;
        CallHeaders.Write(_response.Headers, _context.ResponseHeaders.Seal());
    }

    private void RequireOpen()
    {
        if (_closed)
            throw new InvalidOperationException("The call has ended: its handler returned.");
        if (_context.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(
                "The caller is gone, or its deadline has passed.", _context.CancellationToken);
        }
    }
}
