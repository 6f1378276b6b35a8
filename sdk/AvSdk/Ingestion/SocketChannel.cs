using AvSdk.Recording;

namespace AvSdk.Ingestion;

/// <summary>A channel whose messages go to the agent.</summary>
internal sealed class SocketChannel(SocketSource source, int index, ChannelSpec spec) : RecordingChannel
{
    private static readonly PayloadEncoder<ReadOnlySpan<byte>> CopyPayload =
        static (source, destination) => source.CopyTo(destination);

    private readonly Lock _order = new();
    private readonly LossCounts _losses = new();
    private ulong _ordinal;
    private ulong _refusedMessages;
    private volatile string? _refusal;

    public override ChannelSpec Spec { get; } = spec;

    public int Index { get; } = index;

    /// <summary>
    /// Ordinals on the wire are counted from here; see <see cref="SocketSource.BeginAnew"/>.
    /// </summary>
    public ulong WireBase { get; set; }

    /// <summary>What was not taken, and what of it the agent has not been told.</summary>
    public LossCounts Losses => _losses;

    public override WriteResult WriteRaw(in MessageStamp stamp, ReadOnlySpan<byte> payload) =>
        Counted(TryWrite(stamp, payload.Length, payload, CopyPayload));

    public override WriteResult Write<TState>(
        in MessageStamp stamp, int payloadBytes, TState state, PayloadEncoder<TState> encode)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        ArgumentNullException.ThrowIfNull(encode);
        return Counted(TryWrite(stamp, payloadBytes, state, encode));
    }

    public override async ValueTask<WriteResult> WriteRawAsync(
        MessageStamp stamp, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        WriteResult result = TryWrite(stamp, payload.Length, payload.Span, CopyPayload);
        while (result == WriteResult.DroppedMemoryFull)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task room = source.Room.Next;
            result = TryWrite(stamp, payload.Length, payload.Span, CopyPayload);
            if (result == WriteResult.DroppedMemoryFull)
                await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return Counted(result);
    }

    public override void CountLost(ulong messages, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        if (messages > 0)
            _losses.Add(messages, reason);
        source.Wake();
    }

    /// <summary>
    /// The agent does not take this channel: what it has not made durable is lost, and so is what comes.
    /// </summary>
    public void Refuse(string reason)
    {
        ulong last;
        lock (_order)
        {
            _refusal = reason;
            last = _ordinal;
        }

        ulong lost = last - source.Ring.DurableOf(Index);
        _refusedMessages += lost;
        _losses.AddTold(lost, "refused");
        source.SetDurable(Index, last);
    }

    public TopicLedger ToLedger()
    {
        ulong accepted;
        lock (_order)
            accepted = _ordinal - _refusedMessages;
        return new TopicLedger(Spec.Topic, Spec.Lane ?? "", accepted, 0, 0, 0, _losses.ToDictionary());
    }

    private WriteResult TryWrite<TState>(
        in MessageStamp stamp, int payloadBytes, TState state, PayloadEncoder<TState> encode)
        where TState : allows ref struct
    {
        if (source.IsStopping || _refusal is not null)
            return WriteResult.DroppedStopped;
        if (payloadBytes > source.MessageBytesMax)
            return WriteResult.DroppedTooLarge;
        try
        {
            lock (_order)
            {
                if (!source.Ring.TryWrite(Index, _ordinal + 1, stamp, payloadBytes, state, encode))
                    return WriteResult.DroppedMemoryFull;
                _ordinal++;
            }
        }
        finally
        {
            // Also when the payload could not be encoded: the sender may wait at its place for what others wrote behind.
            source.Wake();
        }

        return WriteResult.Accepted;
    }

    private WriteResult Counted(WriteResult result)
    {
        if (result == WriteResult.Accepted)
            return result;
        _losses.Add(1, LossCounts.ReasonOf(result));
        AvSdkTelemetry.ClientDropped.Add(1);
        source.Wake();
        return result;
    }
}
