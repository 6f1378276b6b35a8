using AvSdk.Contracts.V1;
using AvSdk.Mcap;

namespace AvSdk.Recording.Chunking;

/// <summary>
/// The channels of a lane that share chunks, and the builder that they write into: the write path.
/// </summary>
/// <remarks>
/// Everything is done under <see cref="Gate"/>. A channel changes its group only while the gate of the old
/// one is held and its builder holds nothing of the channel: so the order of a channel's messages is the
/// order of its chunks. Memory is reserved when the builder grows, not for each message; a message that fits
/// costs its copy.
/// </remarks>
internal sealed class ChunkGroup : IDisposable
{
    // A message costs its record header and an index entry besides its payload.
    private const int MessageOverheadBytes = McapRecordWriter.MessageOverheadBytes + 16;
    private const int EarlyCloseBytes = 256 << 10;
    // A rate seen over less says nothing of the channel, unless it filled a chunk.
    private const double SpanSecondsMin = 0.2;
    private const double FullSpanSecondsMin = 0.001;

    private readonly LaneChunker _lane;
    private readonly CompressionChoice _choice = new();
    private readonly ITimer _window;
    private readonly List<LocalChannel> _channels = [];
    private readonly List<SourceTopic> _sources = [];
    private ChunkBuilder? _builder;
    private int _capacityBytes;
    private ulong _windowEnd = ulong.MaxValue;

    public ChunkGroup(LaneChunker lane, bool isByRate)
    {
        _lane = lane;
        IsByRate = isByRate;
        _window = lane.Time.CreateTimer(
            static group => ((ChunkGroup)group!).Close(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Lock Gate { get; } = new();

    /// <summary>True: channels that turn out to be large leave for a group of their own.</summary>
    public bool IsByRate { get; }

    /// <summary>Bytes of records in the builder; a hint outside of the gate.</summary>
    public int RecordBytes => Volatile.Read(ref _builder)?.RecordBytes ?? 0;

    /// <summary>
    /// Under the gate. A message of this log time is behind the window of a mark that the builder holds something of:
    /// the event is not to wait for it.
    /// </summary>
    public bool MustCloseBefore(ulong logTime) => logTime > _windowEnd;

    /// <summary>
    /// Under the gate. Makes room for a message. Null: the channel was moved to another group meanwhile, ask
    /// there.
    /// </summary>
    public WriteResult? Prepare(LocalChannel channel, int payloadBytes)
    {
        if (_lane.IsStopped)
            return WriteResult.DroppedStopped;
        long messageBytes = (long)MessageOverheadBytes + payloadBytes;
        bool isFull = UsedBytes + messageBytes > _lane.Options.ChunkBytes;
        bool mustGrow = UsedBytes + messageBytes > _capacityBytes;
        if (!mustGrow && !isFull)
            return WriteResult.Accepted;
        // Where memory is tight a chunk is closed early instead of growing.
        if (_builder is not null && (isFull || (_lane.Memory.IsTight && UsedBytes >= EarlyCloseBytes)))
        {
            CloseHeld();
            if (!channel.IsIn(this))
                return null;
        }

        return UsedBytes + messageBytes > _capacityBytes ? Grow(messageBytes) : WriteResult.Accepted;
    }

    /// <summary>
    /// Under the gate, after <see cref="Prepare"/> accepted. The payload is filled by <paramref
    /// name="encode"/>.
    /// </summary>
    public void Write<TState>(
        LocalChannel channel, SourceTopic? source, in MessageStamp stamp, int payloadBytes, TState state,
        PayloadEncoder<TState> encode)
        where TState : allows ref struct
    {
        ChunkBuilder builder = _builder!;
        Span<byte> payload = builder.AddMessage(
            channel.Id, stamp.Sequence, stamp.LogTime, stamp.PublishTime, payloadBytes);
        try
        {
            encode(state, payload);
        }
        catch
        {
            builder.RemoveLastMessage();
            throw;
        }

        if (builder.MessageCount == 1)
        {
            _window.Change(_lane.Options.OpenTime, Timeout.InfiniteTimeSpan);
            _windowEnd = _lane.WindowEnd(stamp.LogTime);
        }

        if (!channel.IsInOpenChunk)
        {
            channel.IsInOpenChunk = true;
            _channels.Add(channel);
        }

        if (source is not null)
            Count(source);
        channel.Counters.Accept(stamp.LogTime);
        channel.Live?.Offer(stamp, payload);
        if (UsedBytes >= _lane.Options.ChunkBytes)
            CloseHeld();
    }

    /// <summary>Under the gate. Lets go of a channel that is to write elsewhere from now on.</summary>
    public void Leave(LocalChannel channel)
    {
        if (channel.IsInOpenChunk)
            CloseHeld();
    }

    /// <summary>Closes the builder if it holds a message.</summary>
    public void Close()
    {
        lock (Gate)
            CloseHeld();
    }

    /// <summary>See <see cref="LaneChunker.LatestLogTime"/>.</summary>
    public ulong LatestLogTime()
    {
        lock (Gate)
            return _builder is { MessageCount: > 0 } builder ? builder.LastLogTime : 0;
    }

    /// <summary>See <see cref="LaneChunker.NoteMark"/>.</summary>
    public void NoteMark(ulong first, ulong last)
    {
        lock (Gate)
        {
            if (_builder is not { MessageCount: > 0 } builder || builder.FirstLogTime > last)
                return;
            if (builder.LastLogTime >= first && builder.LastLogTime > last)
                CloseHeld();
            else
                _windowEnd = _lane.WindowEnd(builder.FirstLogTime);
        }
    }

    /// <summary>See <see cref="LaneChunker.CloseWindow"/>.</summary>
    public void CloseWindow(ulong first, ulong last)
    {
        lock (Gate)
        {
            if (_builder is { MessageCount: > 0 } builder && builder.FirstLogTime <= last && builder.LastLogTime >= first)
                CloseHeld();
        }
    }

    /// <summary>Under the gate. Closes the builder if it holds a message.</summary>
    public void CloseForMark() => CloseHeld();

    public void Dispose() => _window.Dispose();

    private long UsedBytes => _builder is null ? 0 : _builder.RecordBytes + (16L * _builder.MessageCount);

    private void Count(SourceTopic source)
    {
        source.Take();
        if (source.IsInOpenChunk)
            return;
        source.IsInOpenChunk = true;
        _sources.Add(source);
    }

    // Doubles, as the builder does.
    private WriteResult Grow(long messageBytes)
    {
        long needed = UsedBytes + messageBytes;
        long doubled = Math.Min(2L * _capacityBytes, _lane.Options.ChunkBytes);
        long capacity = ChunkBufferPool.Rounded(Math.Max(needed, doubled));
        long growth = capacity - _capacityBytes;
        if (!_lane.TryTakeQuota(growth))
            return WriteResult.DroppedSpoolFull;
        if (!_lane.Memory.TryReserve(2 * growth))
        {
            _lane.ReturnQuota(growth);
            return WriteResult.DroppedMemoryFull;
        }

        _capacityBytes = (int)capacity;
        _builder ??= new ChunkBuilder(_lane.Pool, _capacityBytes);
        return WriteResult.Accepted;
    }

    private void CloseHeld()
    {
        ChunkBuilder? builder = _builder;
        if (builder is null)
            return;
        _window.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        int capacityBytes = _capacityBytes;
        _builder = null;
        _capacityBytes = 0;
        _windowEnd = ulong.MaxValue;
        if (builder.MessageCount == 0)
        {
            // Its first message could not be encoded.
            builder.Dispose();
            _lane.Memory.Release(2L * capacityBytes);
            _lane.ReturnQuota(capacityBytes);
            return;
        }

        SourcePosition[] positions = new SourcePosition[_sources.Count];
        for (int at = 0; at < positions.Length; at++)
        {
            positions[at] = _sources[at].ToPosition();
            _sources[at].IsInOpenChunk = false;
        }

        ClosedChunk chunk = new(builder, _choice, 2L * capacityBytes, capacityBytes, positions);
        MoveLargeChannels(chunk);
        foreach (LocalChannel channel in _channels)
            channel.IsInOpenChunk = false;
        _channels.Clear();
        _sources.Clear();
        _lane.Take(chunk);
    }

    // By log time, not by the clock: a replay at any speed is grouped as the drive was.
    private void MoveLargeChannels(ClosedChunk chunk)
    {
        if (!IsByRate || chunk.Channels.Count < 2)
            return;
        bool isFull = chunk.RecordBytes >= _lane.Options.ChunkBytes / 2;
        double seconds = Math.Max(
            (chunk.LastLogTime - chunk.FirstLogTime) / 1e9, isFull ? FullSpanSecondsMin : SpanSecondsMin);
        foreach (LocalChannel channel in _channels)
        {
            foreach (ChunkChannelCount count in chunk.Channels)
            {
                if (count.ChannelId == channel.Id
                    && count.PayloadBytes / seconds >= _lane.Options.LargeChannelBytesPerSecond)
                {
                    channel.MoveTo(_lane.NewGroup(isByRate: false));
                }
            }
        }
    }
}
