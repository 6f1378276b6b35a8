using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>
/// One message (MCAP specification, "Message"), over borrowed bytes: it lives as long as they do.
/// </summary>
public readonly ref struct McapMessageView
{
    /// <summary>A message from its parts; <paramref name="data"/> is borrowed.</summary>
    public McapMessageView(
        ushort channelId, uint sequence, ulong logTime, ulong publishTime, ReadOnlySpan<byte> data)
    {
        ChannelId = channelId;
        Sequence = sequence;
        LogTime = logTime;
        PublishTime = publishTime;
        Data = data;
    }

    // The caller has checked that the content holds the fixed fields.
    internal McapMessageView(ReadOnlySpan<byte> content)
    {
        ChannelId = BinaryPrimitives.ReadUInt16LittleEndian(content);
        Sequence = BinaryPrimitives.ReadUInt32LittleEndian(content[2..]);
        LogTime = BinaryPrimitives.ReadUInt64LittleEndian(content[6..]);
        PublishTime = BinaryPrimitives.ReadUInt64LittleEndian(content[14..]);
        Data = content[McapFormat.MessageFieldBytes..];
    }

    /// <summary>The channel that it belongs to.</summary>
    public ushort ChannelId { get; }

    /// <summary>The source's counter; 0 where the source has none.</summary>
    public uint Sequence { get; }

    /// <summary>When it was recorded, ns.</summary>
    public ulong LogTime { get; }

    /// <summary>When it was published, ns.</summary>
    public ulong PublishTime { get; }

    /// <summary>The payload, encoded as its channel says.</summary>
    public ReadOnlySpan<byte> Data { get; }
}
