namespace AvSdk.Query;

/// <summary>Where a message lies in its chunk's records, and what its order depends on.</summary>
internal readonly record struct MessageSlot(
    ulong LogTime, ulong PublishTime, uint Sequence, ushort ChannelId, int PayloadOffset, int PayloadBytes);

/// <summary>One message as it leaves the merge; its payload is borrowed until the next one does.</summary>
internal readonly record struct MergedMessage(
    MessageSlot Slot, QueryChannel Channel, MessageOrigin Origin, ReadOnlyMemory<byte> Payload,
    ReadingIdentity Reading, ulong CountAtLogTime);
