namespace AvSdk.Mcap;

/// <summary>From the message indexes of a body to the offsets that a chunk index names.</summary>
internal static class ChunkIndexOffsets
{
    /// <param name="channels">The body's message indexes.</param>
    /// <param name="bodyOffset">Where in the file the body begins.</param>
    public static Dictionary<ushort, ulong> Of(IReadOnlyList<ChunkBodyChannel> channels, long bodyOffset)
    {
        Dictionary<ushort, ulong> offsets = new(channels.Count);
        foreach (ChunkBodyChannel channel in channels)
            offsets.Add(channel.ChannelId, (ulong)(bodyOffset + channel.IndexOffset));
        return offsets;
    }
}
