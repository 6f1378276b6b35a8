namespace AvSdk.Mcap;

/// <summary>What a chunk under construction holds of one channel.</summary>
/// <param name="ChannelId">The channel.</param>
/// <param name="Messages">Its messages.</param>
/// <param name="PayloadBytes">Bytes of its payloads, without record headers, before compression.</param>
public readonly record struct ChunkChannelCount(ushort ChannelId, int Messages, long PayloadBytes);
