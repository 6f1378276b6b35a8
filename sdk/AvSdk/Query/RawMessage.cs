namespace AvSdk.Query;

/// <summary>A message that was read, its payload as it was recorded.</summary>
/// <remarks>
/// <see cref="Payload"/> lies in the chunk's memory, which is used again: it is borrowed until the next
/// message is asked for. Everything else may be kept.
/// </remarks>
public readonly struct RawMessage
{
    private readonly MergedMessage _merged;

    internal RawMessage(in MergedMessage merged) => _merged = merged;

    /// <summary>When it was recorded, ns since 1970-01-01T00:00:00Z.</summary>
    public ulong LogTime => _merged.Slot.LogTime;

    /// <summary>When its source published it, ns since 1970.</summary>
    public ulong PublishTime => _merged.Slot.PublishTime;

    /// <summary>Its source's number; 0 where the source had none.</summary>
    public uint Sequence => _merged.Slot.Sequence;

    /// <summary>The topic.</summary>
    public string Topic => _merged.Channel.Topic;

    /// <summary>The channel: topic, encodings and schema.</summary>
    public QueryChannel Channel => _merged.Channel;

    /// <summary>Borrowed until the next message is asked for: copy what is to be kept.</summary>
    public ReadOnlyMemory<byte> Payload => _merged.Payload;

    /// <summary>The vehicle, recording, lane and chunk that it comes from.</summary>
    public MessageOrigin Origin => _merged.Origin;

    /// <summary>The place after this message: a query that goes on there begins with the next one.</summary>
    public QueryPosition Position => _merged.Reading.PositionAfter(LogTime, _merged.CountAtLogTime);
}
