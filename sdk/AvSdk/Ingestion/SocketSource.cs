using AvSdk.Mcap;
using AvSdk.Recording;

namespace AvSdk.Ingestion;

/// <summary>
/// What the client side knows apart from any connection: its channels, the messages that are not durable yet,
/// and who waits for them to be. Connections come and go over it.
/// </summary>
internal sealed class SocketSource(SocketRecorderOptions options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SocketChannel> _byTopic = new(StringComparer.Ordinal);
    private readonly List<McapSchema> _schemas = [];
    private readonly List<PendingFlush> _flushes = [];
    private SocketChannel[] _channels = [];
    private ulong _nextToken = 1;
    private bool _isStopping;

    /// <summary>New for each run, and where the agent forgot what it had.</summary>
    public Guid SourceId { get; private set; } = Guid.CreateVersion7(options.TimeProvider.GetUtcNow());

    public MessageRing Ring { get; } = new(options.MemoryBytesMax);

    public PendingMarks Marks { get; } = new();

    /// <summary>Told when messages became durable.</summary>
    public Signal Room { get; } = new();

    /// <summary>Told when there is something to send.</summary>
    public Signal Work { get; } = new();

    /// <summary>The smaller of ours and the agent's.</summary>
    public int MessageBytesMax { get; private set; } = options.MessageBytesMax;

    /// <summary>No further messages are taken.</summary>
    public bool IsStopping
    {
        get => Volatile.Read(ref _isStopping);
        set => Volatile.Write(ref _isStopping, value);
    }

    /// <summary>In order of index; never modified.</summary>
    public IReadOnlyList<SocketChannel> Channels => Volatile.Read(ref _channels);

    public void Wake() => Work.Tell();

    /// <exception cref="ArgumentException">The topic is another channel already, or there are too
    /// many.</exception>
    public SocketChannel Channel(ChannelSpec spec)
    {
        lock (_gate)
        {
            if (_byTopic.TryGetValue(spec.Topic, out SocketChannel? known))
            {
                return IsSame(known.Spec, spec)
                    ? known
                    : throw new ArgumentException(
                        $"{spec.Topic} was opened with another schema, encoding, lane or metadata: use "
                            + "those, or another topic.",
                        nameof(spec));
            }

            if (_channels.Length >= SourceChannelIds.Max)
                throw new ArgumentException($"A recorder has at most {SourceChannelIds.Max} topics.",
                    nameof(spec));
            SocketChannel channel = new(this, _channels.Length, spec);
            _byTopic.Add(spec.Topic, channel);
            Volatile.Write(ref _channels, [.. _channels, channel]);
            return channel;
        }
    }

    /// <summary>The schema's id on every connection; 0: none.</summary>
    public McapSchema? SchemaOf(ChannelSpec spec)
    {
        if (spec.Schema is not { } schema)
            return null;
        lock (_gate)
        {
            McapSchema? known = _schemas.Find(each =>
                each.Name == schema.Name && each.Encoding == schema.Encoding
                && each.Data.Span.SequenceEqual(schema.Data.Span));
            if (known is not null)
                return known;
            ushort id = (ushort)(_schemas.Count + 1);
            _schemas.Add(known = new McapSchema(id, schema.Name, schema.Encoding, schema.Data));
            return known;
        }
    }

    /// <summary>
    /// What the agent says at the start of a connection; false: it does not know what it had made durable.
    /// </summary>
    public bool Welcome(WelcomeRecord welcome)
    {
        MessageBytesMax = (int)Math.Min((uint)options.MessageBytesMax, welcome.MessageBytesMax);
        Dictionary<string, ulong> told = welcome.Positions.ToDictionary(
            static position => position.Topic, static position => position.Messages, StringComparer.Ordinal);
        foreach (SocketChannel channel in Channels)
        {
            if (told.GetValueOrDefault(channel.Spec.Topic) + channel.WireBase < Ring.DurableOf(channel.Index))
                return false;
        }

        TakeDurable(welcome.Positions);
        return true;
    }

    /// <summary>
    /// The agent lost its memory of this source, for example because its spool was deleted: what it had is
    /// not sent again, what it has not made durable is counted from 1 under a new name.
    /// </summary>
    public void BeginAnew()
    {
        SourceId = Guid.CreateVersion7(options.TimeProvider.GetUtcNow());
        foreach (SocketChannel channel in Channels)
            channel.WireBase = Ring.DurableOf(channel.Index);
    }

    public void TakeDurable(IReadOnlyList<TopicPosition> positions)
    {
        foreach (TopicPosition position in positions)
        {
            SocketChannel? channel;
            lock (_gate)
                _byTopic.TryGetValue(position.Topic, out channel);
            if (channel is not null)
                SetDurable(channel.Index, position.Messages + channel.WireBase);
        }
    }

    public void SetDurable(int channel, ulong ordinal)
    {
        if (Ring.SetDurable(channel, ordinal))
            Room.Tell();
    }

    /// <summary>Ends when everything accepted so far is durable.</summary>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        PendingFlush flush;
        lock (_gate)
        {
            flush = new PendingFlush(_nextToken++, Ring.Mark());
            _flushes.Add(flush);
        }

        Wake();
        return flush.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Flushes to ask for on this connection, whose messages have all been sent on it.</summary>
    public IReadOnlyList<ulong> TakeFlushesToAsk()
    {
        lock (_gate)
        {
            List<ulong> tokens = [];
            IEnumerable<PendingFlush> ready =
                _flushes.Where(flush => !flush.IsAsked && Ring.HasGiven(flush.Mark));
            foreach (PendingFlush flush in ready)
            {
                flush.IsAsked = true;
                tokens.Add(flush.Token);
            }

            return tokens;
        }
    }

    public void AnswerFlush(in FlushedRecord answer)
    {
        ulong token = answer.Token;
        PendingFlush? flush;
        lock (_gate)
        {
            flush = _flushes.Find(each => each.Token == token);
            if (flush is not null)
                _flushes.Remove(flush);
        }

        if (answer.Failure.Length == 0)
            flush?.Done.TrySetResult();
        else
            flush?.Done.TrySetException(
                new RecorderException($"The agent could not make it durable: {answer.Failure}"));
    }

    /// <summary>Everything that is kept goes again, and flushes are asked for again.</summary>
    public void Rewind()
    {
        lock (_gate)
        {
            foreach (PendingFlush flush in _flushes)
                flush.IsAsked = false;
        }

        Marks.Rewind();
        Ring.Rewind();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (PendingFlush flush in _flushes)
            {
                flush.Done.TrySetException(
                    new RecorderException("The recorder was disposed before the agent had answered."));
            }

            _flushes.Clear();
        }

        Ring.Dispose();
        Room.Tell();
    }

    private static bool IsSame(ChannelSpec left, ChannelSpec right) =>
        left.MessageEncoding == right.MessageEncoding && left.Lane == right.Lane
        && left.Schema?.Name == right.Schema?.Name && left.Schema?.Encoding == right.Schema?.Encoding
        && (left.Schema is null || left.Schema.Data.Span.SequenceEqual(right.Schema!.Data.Span))
        && left.Metadata.Count == right.Metadata.Count
        && left.Metadata.All(pair => right.Metadata.TryGetValue(pair.Key, out string? value)
            && value == pair.Value);

    private sealed class PendingFlush(ulong token, RingMark mark)
    {
        public ulong Token { get; } = token;

        public RingMark Mark { get; } = mark;

        public bool IsAsked { get; set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
