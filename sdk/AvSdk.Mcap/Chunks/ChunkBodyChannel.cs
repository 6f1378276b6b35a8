namespace AvSdk.Mcap;

/// <summary>What a body's message index says of one channel.</summary>
/// <param name="ChannelId">The channel.</param>
/// <param name="Messages">Its messages.</param>
/// <param name="IndexOffset">Where its MessageIndex record begins, bytes from the start of the body.</param>
/// <param name="IndexBytes">Bytes of that record, opcode and length included.</param>
public readonly record struct ChunkBodyChannel(ushort ChannelId, int Messages, int IndexOffset,
    int IndexBytes);
