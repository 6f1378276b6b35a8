using AvSdk.Contracts.V1;
using AvSdk.Mcap;

namespace AvSdk.Gateway.Ingest;

/// <summary>Whether a body's own framing and indexes agree with its header.</summary>
internal static class ChunkStructure
{
    /// <summary>Null: they agree. Otherwise a sentence.</summary>
    public static string? Check(ChunkHeader header, ReadOnlySpan<byte> body)
    {
        if (!ChunkBody.TryParse(body, McapLimits.Default, out ChunkBodyInfo info, out McapError error))
            return $"structure: the body is not one chunk with its message indexes: {error}";
        if (info.Compression != header.Compression)
            return Differs("compression", $"\"{info.Compression}\"", $"\"{header.Compression}\"");
        if ((ulong)info.UncompressedBytes != header.UncompressedBytes)
            return Differs("uncompressed bytes", info.UncompressedBytes, header.UncompressedBytes);
        if (info.MessageStartTime != header.FirstLogTime)
            return Differs("first log time", info.MessageStartTime, header.FirstLogTime);
        if (info.MessageEndTime != header.LastLogTime)
            return Differs("last log time", info.MessageEndTime, header.LastLogTime);
        if (info.Channels.Count != header.Channels.Count)
            return Differs("channels", info.Channels.Count, header.Channels.Count);
        Dictionary<uint, ulong> told = header.Channels.ToDictionary(c => c.ChannelId, c => c.Messages);
        foreach (ChunkBodyChannel channel in info.Channels)
        {
            if (!told.TryGetValue(channel.ChannelId, out ulong messages))
            {
                return $"structure: the body has messages of channel {channel.ChannelId}, the header does not "
                    + "name it.";
            }

            if (messages != (ulong)channel.Messages)
                return Differs($"messages of channel {channel.ChannelId}", channel.Messages, messages);
        }

        return null;
    }

    private static string Differs<TBody, THeader>(string what, TBody body, THeader header) =>
        $"structure: {what}: the body has {body}, the header says {header}.";
}
