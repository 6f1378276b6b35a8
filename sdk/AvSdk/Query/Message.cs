namespace AvSdk.Query;

/// <summary>A message that was read and decoded.</summary>
/// <typeparam name="T">The payload's type.</typeparam>
/// <remarks>It owns all that it holds, and may be kept.</remarks>
public readonly struct Message<T>
{
    private readonly ReadingIdentity _reading;
    private readonly ulong _countAtLogTime;

    internal Message(in MergedMessage merged, T value)
    {
        LogTime = merged.Slot.LogTime;
        PublishTime = merged.Slot.PublishTime;
        Sequence = merged.Slot.Sequence;
        Topic = merged.Channel.Topic;
        Origin = merged.Origin;
        Value = value;
        _reading = merged.Reading;
        _countAtLogTime = merged.CountAtLogTime;
    }

    /// <summary>When it was recorded, ns since 1970-01-01T00:00:00Z.</summary>
    public ulong LogTime { get; }

    /// <summary>When its source published it, ns since 1970.</summary>
    public ulong PublishTime { get; }

    /// <summary>Its source's number; 0 where the source had none.</summary>
    public uint Sequence { get; }

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>The payload.</summary>
    public T Value { get; }

    /// <summary>The vehicle, recording, lane and chunk that it comes from.</summary>
    public MessageOrigin Origin { get; }

    /// <summary>The place after this message: a query that goes on there begins with the next one.</summary>
    public QueryPosition Position => _reading.PositionAfter(LogTime, _countAtLogTime);
}
