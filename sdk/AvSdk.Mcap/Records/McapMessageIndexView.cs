using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>
/// Log times and offsets of one channel's messages in a chunk (MCAP specification, "Message Index"), over
/// borrowed bytes: it lives as long as they do.
/// </summary>
public readonly ref struct McapMessageIndexView
{
    private readonly ReadOnlySpan<byte> _entries;

    internal McapMessageIndexView(ushort channelId, ReadOnlySpan<byte> entries)
    {
        ChannelId = channelId;
        _entries = entries;
    }

    /// <summary>The channel.</summary>
    public ushort ChannelId { get; }

    /// <summary>Messages of the channel in the chunk.</summary>
    public int Count => _entries.Length / McapFormat.IndexEntryBytes;

    /// <summary>
    /// One entry, in the writer's order: log time (ns) and offset of the Message record in the chunk's
    /// records before compression.
    /// </summary>
    public (ulong LogTime, ulong Offset) this[int index]
    {
        get
        {
            ReadOnlySpan<byte> entry = _entries.Slice(
                index * McapFormat.IndexEntryBytes, McapFormat.IndexEntryBytes);
            return (BinaryPrimitives.ReadUInt64LittleEndian(entry),
                BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]));
        }
    }
}
