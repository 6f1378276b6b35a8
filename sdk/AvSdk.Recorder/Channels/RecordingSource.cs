using System.Collections.Concurrent;
using Google.Protobuf;

namespace AvSdk.Recording;

/// <summary>
/// A source that can resume: a writer with an identity of its own that numbers its messages, 1, 2, 3, ... by
/// topic, and keeps them until they are durable. After a crash on either side it sends again what is above
/// <see cref="DurablePositions"/>, and whoever writes here for it passes over what is not above <see
/// cref="AcceptedPositions"/>: then every message is recorded exactly once.
/// </summary>
/// <remarks>
/// Every write through a channel of the source counts one ordinal, a refused one too (it is answered for, and
/// in the ledger). Writes of one topic come one at a time, in order of ordinal. Safe for any number of
/// threads otherwise.
/// </remarks>
public sealed class RecordingSource
{
    private readonly LocalRecorder _recorder;
    private readonly ByteString _idBytes;
    private readonly ConcurrentDictionary<string, SourceTopic> _topics = new(StringComparer.Ordinal);

    internal RecordingSource(LocalRecorder recorder, Guid id, IReadOnlyDictionary<string, ulong> positions)
    {
        _recorder = recorder;
        Id = id;
        _idBytes = RecordingIds.ToBytes(id);
        foreach ((string topic, ulong messages) in positions)
            _topics[topic] = new SourceTopic(_idBytes, topic, messages);
    }

    /// <summary>The source's identity, which it keeps over its reconnections.</summary>
    public Guid Id { get; }

    /// <summary>
    /// By topic, the ordinal of the last message that the recorder has answered for, in this run or one
    /// before; a copy. Topics without a message are not in it.
    /// </summary>
    public IReadOnlyDictionary<string, ulong> AcceptedPositions => Copy(static topic => topic.Taken);

    /// <summary>
    /// By topic, the ordinal of the last message that is durable as its lane's contract says; a copy. Topics
    /// without one are not in it.
    /// </summary>
    public IReadOnlyDictionary<string, ulong> DurablePositions => Copy(static topic => topic.Durable);

    /// <summary>
    /// <see cref="DurablePositions"/> advanced. Raised by the task that writes the lane: return at once.
    /// </summary>
    public event EventHandler? DurablePositionsAdvanced;

    /// <summary>As <see cref="AcceptedPositions"/>, of one topic; 0: none yet.</summary>
    public ulong AcceptedPosition(string topic) =>
        _topics.TryGetValue(topic, out SourceTopic? found) ? found.Taken : 0;

    /// <summary>
    /// A channel whose writes count this source's ordinals. Otherwise as <see cref="IRecorder.Channel"/>; the
    /// topic's messages of all sources, and of none, are one channel of the recording.
    /// </summary>
    public RecordingChannel Channel(ChannelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        LocalChannel channel = _recorder.LocalChannel(spec);
        SourceTopic topic = _topics.GetOrAdd(spec.Topic, static (name, id) => new SourceTopic(id, name, 0), _idBytes);
        return new SourceChannel(channel, topic);
    }

    internal void Advance(string topicName, ulong durable)
    {
        if (_topics.TryGetValue(topicName, out SourceTopic? topic) && topic.Advance(durable))
            DurablePositionsAdvanced?.Invoke(this, EventArgs.Empty);
    }

    private Dictionary<string, ulong> Copy(Func<SourceTopic, ulong> position)
    {
        Dictionary<string, ulong> copy = new(StringComparer.Ordinal);
        foreach ((string name, SourceTopic topic) in _topics)
        {
            if (position(topic) is > 0 and ulong messages)
                copy.Add(name, messages);
        }

        return copy;
    }
}
