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
