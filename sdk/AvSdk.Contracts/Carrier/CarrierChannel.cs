using System.Threading.Channels;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Contracts.Carrier;

/// <summary>
/// One end of a stream of messages over publications: cuts messages to the link's size and sends them within the window;
/// joins what arrives. One sender and one reader at a time; <see cref="Add"/> from the link's own loop, which never waits.
/// </summary>
/// <remarks>
/// Bounded: at most a window of publications wait to be read, and <c>sendBytesMax</c>, or one publication, are under way
/// to the broker.
/// </remarks>
public sealed class CarrierChannel : IDisposable
{
    /// <summary>The longest message in either direction, bytes.</summary>
    public const int MessageBytesMax = 8 << 20;

    private readonly ICarrierLink _link;
    private readonly CarrierStream _stream = new(MessageBytesMax);
    private readonly Channel<ICarried> _arrived = Channel.CreateUnbounded<ICarried>();
    private readonly SendRoom _room;
    private CarrierException? _failure;

    /// <summary>A stream that has just begun.</summary>
    /// <param name="link">What it publishes with.</param>
    /// <param name="sendBytesMax">How many bytes may be under way to the broker.</param>
    /// <param name="key">See <see cref="CarrierStream.Key"/>.</param>
    public CarrierChannel(ICarrierLink link, long sendBytesMax, uint key = 0)
    {
        _link = link;
        _room = new SendRoom(sendBytesMax);
        _stream.Key = key;
    }

    /// <summary>Publications that arrived and wait to be read.</summary>
    public int Waiting => _arrived.Reader.Count;

    /// <summary>See <see cref="CarrierStream.Key"/>.</summary>
    public uint Key => _stream.Key;

    /// <summary>Why it is over; null: it is not, or in order.</summary>
    public CarrierException? Failure => Volatile.Read(ref _failure);

    /// <summary>
    /// A publication arrived; it is the channel's from here on. False: it was of another stream, and is the caller's still.
    /// </summary>
    public bool Add(ICarried carried)
    {
        ArgumentNullException.ThrowIfNull(carried);
        if (!CarrierHeader.TryRead(carried.Publication.Span, out CarrierHeader header, out string problem))
        {
            carried.Dispose();
            Fail(new CarrierException(StreamEnd.Types.Kind.BadMessage, $"What came is no publication of a stream: {problem}."));
            return true;
        }

        CarrierArrival arrival = _stream.Arrive(header, out problem);
        if (arrival == CarrierArrival.Stranger)
            return false;
        if (arrival != CarrierArrival.Next || !_arrived.Writer.TryWrite(carried))
            carried.Dispose();
        if (arrival is CarrierArrival.Gap)
            Fail(new CarrierException(problem));
        else if (arrival is CarrierArrival.Wrong)
            Fail(new CarrierException(StreamEnd.Types.Kind.BadMessage, problem));
        else if (header.Kind == CarrierKind.End)
            _arrived.Writer.TryComplete();
        _room.Ring();
        return true;
    }

    /// <summary>
    /// The link is gone, or the other end: what arrived can still be read, then both directions throw this.
    /// </summary>
    public void Fail(CarrierException failure)
    {
        Interlocked.CompareExchange(ref _failure, failure, null);
        _arrived.Writer.TryComplete();
        _room.Ring();
    }

    /// <summary>Sends a message; returns when the link takes it. The message is borrowed until the task ends.</summary>
    /// <exception cref="CarrierException">The stream is over, or the message is longer than allowed.</exception>
    public async ValueTask SendAsync(IMessage message, CancellationToken cancellationToken)
    {
        int bytes = message.CalculateSize();
        if (bytes > MessageBytesMax)
        {
            throw new CarrierException(
                StreamEnd.Types.Kind.BadMessage, $"A message of {bytes} bytes is to be sent; {MessageBytesMax} are allowed.");
        }

        SharedBuffer buffer = new(bytes);
        int sent = 0;
        try
        {
            message.WriteTo(buffer.Memory.Span);
            int pieceBytesMax = _link.PublicationBytesMax - CarrierHeader.Bytes;
            do
            {
                int piece = Math.Min(pieceBytesMax, bytes - sent);
                bool isLast = sent + piece == bytes;
                CarrierHeader header = await NextAsync(
                    isLast ? CarrierKind.Message : CarrierKind.Piece, piece, cancellationToken).ConfigureAwait(false);
                buffer.Use();
                _ = PublishAsync(header, buffer.Memory.Slice(sent, piece), buffer);
                sent += piece;
            }
            while (sent < bytes);
        }
        catch (OperationCanceledException) when (sent > 0)
        {
            Fail(new CarrierException("A message was given up halfway."));
            throw;
        }
        finally
        {
            buffer.Release();
        }
    }

    /// <summary>The next message, parsed; null: the other end has said that it is done.</summary>
    /// <exception cref="CarrierException">The stream is over otherwise, and what arrived before is read.</exception>
    public async ValueTask<T?> ReceiveAsync<T>(MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        ArgumentNullException.ThrowIfNull(parser);
        while (await _arrived.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!_arrived.Reader.TryRead(out ICarried? carried))
                continue;
            using (carried)
            {
                CarrierHeader.TryRead(carried.Publication.Span, out CarrierHeader header, out _);
                ReadOnlyMemory<byte> data = carried.Publication[CarrierHeader.Bytes..];
                if (header.Kind == CarrierKind.End)
                {
                    ReadEnd(data.Span);
                    return null;
                }

                bool isWhole = _stream.Take(header.Kind, data, out ReadOnlyMemory<byte> message, out string problem);
                if (problem.Length > 0)
                    throw Failed(new CarrierException(StreamEnd.Types.Kind.BadMessage, problem));
                if (_stream.TryWord(out CarrierHeader word))
                    _ = PublishAsync(word, default, null);
                if (isWhole)
                    return Parse(parser, message.Span);
            }
        }

        throw Failure ?? new CarrierException("The stream is over.");
    }

    /// <summary>Tells the other end that this one has no more to say, and why; ends when the broker has it.</summary>
    public async ValueTask EndAsync(StreamEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        if (Failure is not null)
            return;
        await PublishAsync(_stream.End(), end.ToByteArray(), null).ConfigureAwait(false);
        Fail(new CarrierException("The stream was ended."));
    }

    /// <summary>What waits to be read is given up. Tells nobody.</summary>
    public void Dispose()
    {
        Fail(new CarrierException("The stream was closed."));
        while (_arrived.Reader.TryRead(out ICarried? carried))
            carried.Dispose();
    }

    private async ValueTask<CarrierHeader> NextAsync(CarrierKind kind, int dataBytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = _room.Changed;
            if (Failure is { } failure)
                throw new CarrierException(failure.Kind, failure.Message, failure) { RetryAfter = failure.RetryAfter };
            if (_room.HasRoom(dataBytes) && _stream.TryNext(kind, out CarrierHeader header))
                return header;
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Its outcome is the stream's: whoever sends or reads next is told.
    private async Task PublishAsync(CarrierHeader header, ReadOnlyMemory<byte> data, SharedBuffer? buffer)
    {
        byte[] head = new byte[CarrierHeader.Bytes];
        header.Write(head);
        int bytes = data.Length + CarrierHeader.Bytes;
        _room.Add(bytes);
        try
        {
            await _link.PublishAsync(head, data).ConfigureAwait(false);
        }
        catch (CarrierException failure)
        {
            Fail(failure);
        }
        finally
        {
            buffer?.Release();
            _room.Add(-bytes);
        }
    }

    private void ReadEnd(ReadOnlySpan<byte> data)
    {
        StreamEnd end = ParseWith(StreamEnd.Parser, data);
        if (end.Kind == StreamEnd.Types.Kind.Done)
        {
            Fail(new CarrierException("The other end has ended the stream."));
            return;
        }

        const ulong millisecondsMax = int.MaxValue;
        throw Failed(new CarrierException(end.Kind, end.Reason)
        {
            RetryAfter = end.RetryAfterMs == 0 ? null : TimeSpan.FromMilliseconds(Math.Min(end.RetryAfterMs, millisecondsMax)),
        });
    }

    private T Parse<T>(MessageParser<T> parser, ReadOnlySpan<byte> data)
        where T : IMessage<T> => ParseWith(parser, data);

    private T ParseWith<T>(MessageParser<T> parser, ReadOnlySpan<byte> data)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(data);
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw Failed(new CarrierException(
                StreamEnd.Types.Kind.BadMessage, $"A message is no {typeof(T).Name}: {broken.Message}", broken));
        }
    }

    private CarrierException Failed(CarrierException failure)
    {
        Fail(failure);
        return failure;
    }
}
