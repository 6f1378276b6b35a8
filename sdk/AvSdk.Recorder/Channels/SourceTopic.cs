using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Recording;

/// <summary>How far a source has come on one topic.</summary>
internal sealed class SourceTopic(ByteString sourceId, string topic, ulong start)
{
    private ulong _taken = start;
    private ulong _durable = start;

    public string Topic { get; } = topic;

    /// <summary>Messages that the recorder has answered for: accepted, or dropped and counted.</summary>
    public ulong Taken => Volatile.Read(ref _taken);

    /// <summary>Of those, the ones that are durable as the lane's contract says.</summary>
    public ulong Durable => Volatile.Read(ref _durable);

    /// <summary>Under the group's gate.</summary>
    public bool IsInOpenChunk { get; set; }

    public void Take() => Interlocked.Increment(ref _taken);

    public SourcePosition ToPosition() => new() { SourceId = sourceId, Topic = Topic, Messages = Taken };

    /// <summary>True: it advanced.</summary>
    public bool Advance(ulong durable)
    {
        ulong before = Durable;
        while (before < durable)
        {
            ulong seen = Interlocked.CompareExchange(ref _durable, durable, before);
            if (seen == before)
                return true;
            before = seen;
        }

        return false;
    }
}
