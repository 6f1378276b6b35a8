using AvSdk.Recording;

namespace AvSdk.Testing;

/// <summary>
/// A recorder that keeps messages in memory, for tests of code that records: what it wrote can be looked
/// at, and what it does when a recorder refuses can be tried.
/// </summary>
/// <remarks>Safe for use from any number of threads.</remarks>
public sealed class MemoryRecorder : IRecorder
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MemoryChannel> _channels = new(StringComparer.Ordinal);
    private readonly List<RecordedMessage> _messages = [];
    private readonly List<RecordingMark> _marks = [];
    private bool _disposed;

    /// <inheritdoc/>
    public Guid RecordingId { get; } = Guid.CreateVersion7();

    /// <summary>
    /// What the recorder says to a message, before it keeps it; called under the recorder's lock. Default:
    /// always
    /// <see cref="WriteResult.Accepted"/>.
    /// </summary>
    public Func<ChannelSpec, MessageStamp, WriteResult>? Decide { get; set; }

    /// <summary>The lane of channels that name none. Default: <c>telemetry</c>.</summary>
    public string DefaultLane { get; init; } = "telemetry";

    /// <summary>How often <see cref="FlushAsync"/> was called.</summary>
    public int Flushes { get; private set; }

    /// <summary>The channels that were asked for, in that order.</summary>
    public IReadOnlyList<ChannelSpec> Channels =>
        Locked(() => _channels.Values.Select(each => each.Spec).ToArray());

    /// <summary>A copy of what was accepted, in the order of writing.</summary>
    public IReadOnlyList<RecordedMessage> Messages => Locked(() => _messages.ToArray());

    /// <summary>
    /// What the recorder says to a mark, before it keeps it. Default: always <see cref="MarkResult.Accepted"/>.
    /// </summary>
    public Func<RecordingMark, MarkResult>? DecideMark { get; set; }

    /// <summary>A copy of the marks that were accepted, each with its log time and id, in that order.</summary>
    public IReadOnlyList<RecordingMark> Marks => Locked(() => _marks.ToArray());

    /// <inheritdoc/>
    public LedgerSummary Ledger => Locked(() => new LedgerSummary(
    [
        .. _channels.Values
            .OrderBy(each => each.Spec.Topic, StringComparer.Ordinal)
            .Select(each => each.ToLedger()),
    ]));

    /// <inheritdoc/>
    public RecordingChannel Channel(ChannelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ChannelSpec settled = spec with { Lane = spec.Lane ?? DefaultLane };
        return Locked(() =>
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_channels.TryGetValue(spec.Topic, out MemoryChannel? channel))
                _channels.Add(spec.Topic, channel = new MemoryChannel(this, settled));
            else if (!MeansTheSame(channel.Spec, spec))
            {
                throw new ArgumentException(
                    $"{spec.Topic} is a channel already, with another schema, encoding or lane.",
                    nameof(spec));
            }

            return channel;
        });
    }

    /// <summary>The messages of one topic, in the order of writing.</summary>
    public IReadOnlyList<RecordedMessage> MessagesOf(string topic) =>
        [.. Messages.Where(message => message.Channel.Topic == topic)];

    /// <summary>The hash of all messages; the caller's to dispose.</summary>
    public DriveHash Hash()
    {
        DriveHash hash = new();
        foreach (RecordedMessage each in Messages)
            hash.Add(each.Channel.Topic, each.Stamp.LogTime, each.Stamp.Sequence, each.Payload.Span);
        return hash;
    }

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Locked(() => ++Flushes);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Keeps the mark in <see cref="Marks"/>, and its message among the <see cref="Messages"/> as other recorders do;
    /// there is nothing that could be evicted. A mark of a known id is taken once.
    /// </summary>
    /// <exception cref="ArgumentException">The name, the window or the metadata cannot be.</exception>
    public MarkResult Mark(RecordingMark mark)
    {
        ArgumentNullException.ThrowIfNull(mark);
        if (mark.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(mark));
        ulong latest = Locked(() => _messages.Count == 0 ? 1 : _messages.Max(static each => each.Stamp.LogTime));
        RecordingMark settled = mark with
        {
            LogTime = mark.LogTime ?? latest,
            Id = mark.Id == Guid.Empty ? Guid.CreateVersion7() : mark.Id,
        };
        lock (_gate)
        {
            if (_disposed)
                return MarkResult.RefusedStopped;
            if (_marks.Exists(known => known.Id == settled.Id))
                return MarkResult.Accepted;
            MarkResult result = DecideMark?.Invoke(settled) ?? MarkResult.Accepted;
            if (result != MarkResult.Accepted)
                return result;
            _marks.Add(settled);
        }

        ulong moment = settled.LogTime.Value;
        Channel(RecordingMark.Channel(null)).WriteRaw(new MessageStamp(moment, moment, 0), settled.ToPayload(moment));
        return MarkResult.Accepted;
    }

    /// <summary>
    /// Stops: later writes are <see cref="WriteResult.DroppedStopped"/>. What was recorded stays readable.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        Locked(() => _disposed = true);
        return ValueTask.CompletedTask;
    }

    internal WriteResult Write(MemoryChannel channel, in MessageStamp stamp, byte[] payload)
    {
        lock (_gate)
        {
            WriteResult result = _disposed
                ? WriteResult.DroppedStopped
                : Decide?.Invoke(channel.Spec, stamp) ?? WriteResult.Accepted;
            if (result == WriteResult.Accepted)
                _messages.Add(new RecordedMessage(channel.Spec, stamp, payload));
            channel.Count(result);
            return result;
        }
    }

    internal T Locked<T>(Func<T> act)
    {
        lock (_gate)
            return act();
    }

    private static bool MeansTheSame(ChannelSpec known, ChannelSpec asked) =>
        (asked.Lane is null || asked.Lane == known.Lane)
        && asked.MessageEncoding == known.MessageEncoding
        && asked.Schema?.Name == known.Schema?.Name
        && asked.Schema?.Encoding == known.Schema?.Encoding
        && (asked.Schema is null || asked.Schema.Data.Span.SequenceEqual(known.Schema!.Data.Span));
}
