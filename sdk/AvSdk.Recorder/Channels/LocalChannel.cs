using AvSdk.Recording.Chunking;
using AvSdk.Recording.Ledger;
using AvSdk.Recording.Live;

namespace AvSdk.Recording;

/// <summary>A channel of a recorder in this process.</summary>
internal sealed class LocalChannel(LocalRecorder recorder, ChannelRoute route, ChunkGroup group) : RecordingChannel
{
    internal static readonly PayloadEncoder<ReadOnlySpan<byte>> CopyPayload =
        static (source, destination) => source.CopyTo(destination);

    private ChannelRoute _route = route;
    private ChunkGroup _group = group;
    private LiveTap? _live;

    /// <summary>Where messages go; changes under the gate of the group that the channel is in.</summary>
    public ChannelRoute Route => Volatile.Read(ref _route);

    public ushort Id => Route.Id;

    public override ChannelSpec Spec => Route.Spec;

    public TopicCounters Counters => Route.Counters;

    /// <summary>For those who watch; null: nobody may.</summary>
    public LiveTap? Live
    {
        get => Volatile.Read(ref _live);
        set => Volatile.Write(ref _live, value);
    }

    /// <summary>
    /// Under the group's gate: whether the group's builder holds a message of this channel.
    /// </summary>
    public bool IsInOpenChunk { get; set; }

    public override WriteResult WriteRaw(in MessageStamp stamp, ReadOnlySpan<byte> payload) =>
        WriteCounted(null, stamp, payload.Length, payload, CopyPayload);

    public override WriteResult Write<TState>(
        in MessageStamp stamp, int payloadBytes, TState state, PayloadEncoder<TState> encode)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadBytes);
        ArgumentNullException.ThrowIfNull(encode);
        return WriteCounted(null, stamp, payloadBytes, state, encode);
    }

    public override ValueTask<WriteResult> WriteRawAsync(
        MessageStamp stamp, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        WriteWaitingAsync(null, stamp, payload, cancellationToken);

    public override void CountLost(ulong messages, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        if (messages > 0)
            Counters.Lose(messages, reason);
    }

    /// <summary>Writes, or counts the drop.</summary>
    public WriteResult WriteCounted<TState>(
        SourceTopic? source, in MessageStamp stamp, int payloadBytes, TState state, PayloadEncoder<TState> encode)
        where TState : allows ref struct
    {
        WriteResult result = TryWrite(source, stamp, payloadBytes, state, encode);
        while (result == WriteResult.DroppedMemoryFull && recorder.TryDropHeld(Route.Lane, waits: false))
            result = TryWrite(source, stamp, payloadBytes, state, encode);
        if (result != WriteResult.Accepted)
        {
            CountDrop(source, result, stamp.LogTime);
            if (result == WriteResult.DroppedMemoryFull)
                recorder.RelieveMemory();
        }

        return result;
    }

    public ValueTask<WriteResult> WriteWaitingAsync(
        SourceTopic? source, in MessageStamp stamp, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        WriteResult result = TryWrite(source, stamp, payload.Length, payload.Span, CopyPayload);
        return result is WriteResult.DroppedMemoryFull or WriteResult.DroppedSpoolFull
            ? WaitAsync(source, stamp, payload, cancellationToken)
            : new ValueTask<WriteResult>(Counted(source, result, stamp.LogTime));
    }

    /// <summary>Under the gate of the group that the channel is in.</summary>
    public void MoveTo(ChunkGroup group) => Volatile.Write(ref _group, group);

    /// <summary>
    /// What comes from now on goes another way; what came before is closed into a chunk of the old one, and nothing is
    /// between them.
    /// </summary>
    public void MoveTo(ChannelRoute route, ChunkGroup group)
    {
        while (true)
        {
            ChunkGroup old = Volatile.Read(ref _group);
            lock (old.Gate)
            {
                if (!IsIn(old))
                    continue;
                old.Leave(this);
                if (!IsIn(old))
                    continue;
                Volatile.Write(ref _route, route);
                MoveTo(group);
                return;
            }
        }
    }

    public bool IsIn(ChunkGroup group) => ReferenceEquals(group, Volatile.Read(ref _group));

    private async ValueTask<WriteResult> WaitAsync(
        SourceTopic? source, MessageStamp stamp, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            LaneChunker lane = Route.Lane;
            Task memory = lane.Memory.Space.Next;
            Task quota = lane.Spool.Quota.Space.Next;
            WriteResult result = TryWrite(source, stamp, payload.Length, payload.Span, CopyPayload);
            if (result is WriteResult.DroppedMemoryFull)
            {
                if (recorder.TryDropHeld(lane, waits: true))
                    continue;
                recorder.RelieveMemory();
                await memory.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            else if (result is WriteResult.DroppedSpoolFull)
            {
                await quota.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                return Counted(source, result, stamp.LogTime);
            }
        }
    }

    private WriteResult Counted(SourceTopic? source, WriteResult result, ulong logTime)
    {
        if (result != WriteResult.Accepted)
            CountDrop(source, result, logTime);
        return result;
    }

    private void CountDrop(SourceTopic? source, WriteResult result, ulong logTime)
    {
        Counters.Drop(DropReasons.Of(result), logTime);
        if (result != WriteResult.DroppedStopped)
            source?.Take();
    }

    private WriteResult TryWrite<TState>(
        SourceTopic? source, in MessageStamp stamp, int payloadBytes, TState state, PayloadEncoder<TState> encode)
        where TState : allows ref struct
    {
        if (payloadBytes > recorder.Options.MessageBytesMax)
            return WriteResult.DroppedTooLarge;
        while (true)
        {
            ChunkGroup group = Volatile.Read(ref _group);
            lock (group.Gate)
            {
                if (!IsIn(group))
                    continue;
                LaneChunker lane = Route.Lane;
                if (group.IsByRate && payloadBytes >= lane.Options.LargeMessageBytes)
                {
                    group.Leave(this);
                    if (IsIn(group))
                        MoveTo(lane.NewGroup(isByRate: false));
                    continue;
                }

                if (group.MustCloseBefore(stamp.LogTime))
                {
                    group.CloseForMark();
                    continue;
                }

                WriteResult? room = group.Prepare(this, payloadBytes);
                if (room is null)
                    continue;
                if (room == WriteResult.Accepted)
                    group.Write(this, source, stamp, payloadBytes, state, encode);
                return room.Value;
            }
        }
    }
}
