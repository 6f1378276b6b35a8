using AvSdk.Recording;

namespace AvSdk.Testing;

/// <summary>A message that a <see cref="MemoryRecorder"/> took.</summary>
/// <param name="Channel">What its channel carries.</param>
/// <param name="Stamp">Its times and number.</param>
/// <param name="Payload">Its bytes, a copy.</param>
public sealed record RecordedMessage(ChannelSpec Channel, MessageStamp Stamp, ReadOnlyMemory<byte> Payload);
