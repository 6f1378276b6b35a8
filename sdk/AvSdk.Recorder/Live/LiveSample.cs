namespace AvSdk.Recording.Live;

/// <summary>A message as it was recorded, for those who watch.</summary>
/// <param name="Channel">Whose it is.</param>
/// <param name="Stamp">Its times and number.</param>
/// <param name="Payload">Borrowed until the call that it was given to ends.</param>
public readonly record struct LiveSample(ChannelSpec Channel, MessageStamp Stamp, ReadOnlyMemory<byte> Payload);
