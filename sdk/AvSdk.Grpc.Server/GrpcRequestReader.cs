using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using AvSdk.Grpc.Framing;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace AvSdk.Grpc.Server;

/// <summary>The requests of a call, in order. One reader at a time.</summary>
/// <remarks>Messages are parsed straight from the memory that the connection received them in.</remarks>
public sealed class GrpcRequestReader<TRequest>
    where TRequest : class, IMessage<TRequest>
{
    private readonly PipeReader _body;
    private readonly MessageParser<TRequest> _parser;
    private readonly int _messageBytesMax;
    private readonly CancellationToken _callToken;
    private int _reading;

    internal GrpcRequestReader(
        PipeReader body, MessageParser<TRequest> parser, int messageBytesMax, CancellationToken callToken)
    {
        _body = body;
        _parser = parser;
        _messageBytesMax = messageBytesMax;
        _callToken = callToken;
    }

    /// <summary>
    /// Parses requests otherwise than the generated parser, for example without an array for every large field. What it
    /// is given is good until it returns; it throws <see cref="InvalidProtocolBufferException"/> for what is no such message.
    /// Set it before the first read.
    /// </summary>
    public Func<ReadOnlySequence<byte>, TRequest>? Parser { get; set; }

    /// <summary>Whether the caller's end was seen: nothing more can come.</summary>
    internal bool IsAtEnd { get; private set; }

    /// <summary>The next request; null after the last one.</summary>
    /// <remarks>A cancelled read takes nothing.</remarks>
    /// <exception cref="GrpcException">Over the limit, compressed, truncated or no such message; the call
    /// should end.</exception>
    /// <exception cref="OperationCanceledException">The token or the call was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way.</exception>
    public async ValueTask<TRequest?> ReadAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0)
            throw new InvalidOperationException(
                "Another read is under way: requests have one reader at a time.");
        try
        {
            return IsAtEnd ? null : await ReadMessageAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or BadHttpRequestException)
        {
            // Kestrel reports a reset stream here before it cancels the token, or after.
            throw new OperationCanceledException("The caller is gone.", e, _callToken);
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    /// <summary>Every request from here to the end. Exceptions as <see cref="ReadAsync"/>.</summary>
    public async IAsyncEnumerable<TRequest> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await ReadAsync(cancellationToken).ConfigureAwait(false) is { } request)
            yield return request;
    }

    private async ValueTask<TRequest?> ReadMessageAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource? linked =
            cancellationToken.CanBeCanceled && cancellationToken != _callToken
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _callToken)
            : null;
        CancellationToken either = linked?.Token ?? _callToken;
        while (true)
        {
            ReadResult read = await _body.ReadAsync(either).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            SequencePosition consumed = buffer.Start;
            SequencePosition examined = buffer.End;
            try
            {
                if (TryParse(ref buffer, out TRequest? request))
                {
                    consumed = examined = buffer.Start;
                    return request;
                }
            }
            finally
            {
                _body.AdvanceTo(consumed, examined);
            }

            if (read.IsCompleted)
            {
                IsAtEnd = true;
                return buffer.IsEmpty ? null : throw MessageFraming.Truncated(buffer.Length);
            }
        }
    }

    private bool TryParse(ref ReadOnlySequence<byte> buffer, out TRequest? request)
    {
        request = null;
        FrameRead read = MessageFraming.TryRead(
            ref buffer, _messageBytesMax, out ReadOnlySequence<byte> message, out uint messageBytes);
        if (read == FrameRead.NeedMore)
            return false;
        if (read != FrameRead.Ok)
        {
            throw MessageFraming.Failure(
                read,
                messageBytes,
                _messageBytesMax,
                "the server's " + nameof(GrpcServerOptions.ReceiveMessageBytesMax));
        }

        try
        {
            request = Parser is { } parse ? parse(message) : _parser.ParseFrom(message);
            return true;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcException(
                GrpcStatusCode.Internal,
                $"A request of {messageBytes} bytes is no {typeof(TRequest).Name}: {e.Message}",
                e);
        }
    }
}
