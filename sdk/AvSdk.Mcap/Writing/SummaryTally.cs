using System.Buffers;
using System.Runtime.InteropServices;

namespace AvSdk.Mcap;

/// <summary>What a writer keeps of a file for its summary: definitions, indexes, counts.</summary>
internal sealed class SummaryTally
{
    private readonly Dictionary<ushort, McapSchema> _schemas = [];
    private readonly Dictionary<ushort, McapChannel> _channels = [];
    private readonly List<McapChunkIndex> _chunks = [];
    private readonly List<McapAttachmentIndex> _attachments = [];
    private readonly List<McapMetadataIndex> _metadata = [];
    private readonly Dictionary<ushort, ulong> _messages = [];
    private ulong _start = ulong.MaxValue;
    private ulong _end;

    /// <summary>
    /// False once a chunk without message indexes came: then nobody knows how many messages there are.
    /// </summary>
    public bool CountsAreComplete { get; private set; } = true;

    public bool HasChannel(ushort id) => _channels.ContainsKey(id);

    /// <summary>Null when it is new, else the one that has the id.</summary>
    public McapSchema? AddSchema(McapSchema schema) =>
        _schemas.TryAdd(schema.Id, schema) ? null : _schemas[schema.Id];

    /// <summary>Null when it is new, else the one that has the id.</summary>
    public McapChannel? AddChannel(McapChannel channel) =>
        _channels.TryAdd(channel.Id, channel) ? null : _channels[channel.Id];

    public bool HasSchema(ushort id) => _schemas.ContainsKey(id);

    public ushort NextSchemaId() => NextId(_schemas.Keys);

    public ushort NextChannelId() => NextId(_channels.Keys);

    public void AddAttachment(McapAttachmentIndex index) => _attachments.Add(index);

    public void AddMetadata(McapMetadataIndex index) => _metadata.Add(index);

    /// <summary>A message outside of chunks.</summary>
    public void AddMessage(ushort channelId, ulong logTime)
    {
        Count(channelId, 1);
        _start = Math.Min(_start, logTime);
        _end = Math.Max(_end, logTime);
    }

    /// <summary>Messages outside of chunks, counted by a scan.</summary>
    public void AddRun(McapScannedRun run)
    {
        foreach ((ushort channelId, ulong messages) in run.Messages)
            Count(channelId, messages);
        _start = Math.Min(_start, run.MessageStartTime);
        _end = Math.Max(_end, run.MessageEndTime);
    }

    public void AddChunk(McapChunkIndex index, IReadOnlyList<ChunkBodyChannel> channels)
    {
        _chunks.Add(index);
        ulong messages = 0;
        foreach (ChunkBodyChannel channel in channels)
        {
            Count(channel.ChannelId, (ulong)channel.Messages);
            messages += (ulong)channel.Messages;
        }

        if (messages > 0 || index.MessageEndTime > 0)
        {
            _start = Math.Min(_start, index.MessageStartTime);
            _end = Math.Max(_end, index.MessageEndTime);
        }

        CountsAreComplete &= messages > 0 || index.UncompressedSize == 0;
    }

    /// <summary>
    /// Writes the summary and the summary offset section, which begin at <paramref name="start"/>.
    /// </summary>
    public McapFooter Write(ArrayBufferWriter<byte> output, long start)
    {
        List<McapSummaryOffset> groups = [];
        Group(McapOpcode.Schema, _schemas.Values.OrderBy(s => s.Id), McapRecordWriter.WriteSchema);
        Group(McapOpcode.Channel, _channels.Values.OrderBy(c => c.Id), McapRecordWriter.WriteChannel);
        if (CountsAreComplete)
            Group(McapOpcode.Statistics, [Statistics()], McapRecordWriter.WriteStatistics);
        Group(McapOpcode.ChunkIndex, _chunks, McapRecordWriter.WriteChunkIndex);
        Group(McapOpcode.AttachmentIndex, _attachments, McapRecordWriter.WriteAttachmentIndex);
        Group(McapOpcode.MetadataIndex, _metadata, McapRecordWriter.WriteMetadataIndex);
        ulong offsetStart = groups.Count == 0 ? 0 : (ulong)(start + output.WrittenCount);
        foreach (McapSummaryOffset group in groups)
            McapRecordWriter.WriteSummaryOffset(output, group);
        return new McapFooter(groups.Count == 0 ? 0 : (ulong)start, offsetStart, 0);

        void Group<T>(McapOpcode opcode, IEnumerable<T> items, Action<IBufferWriter<byte>, T> write)
        {
            int before = output.WrittenCount;
            foreach (T item in items)
                write(output, item);
            if (output.WrittenCount > before)
            {
                groups.Add(new McapSummaryOffset(
                    opcode, (ulong)(start + before), (ulong)(output.WrittenCount - before)));
            }
        }
    }

    private McapStatistics Statistics()
    {
        ulong messages = 0;
        foreach (ulong count in _messages.Values)
            messages += count;
        return new McapStatistics
        {
            MessageCount = messages,
            SchemaCount = (ushort)_schemas.Count,
            ChannelCount = (uint)_channels.Count,
            AttachmentCount = (uint)_attachments.Count,
            MetadataCount = (uint)_metadata.Count,
            ChunkCount = (uint)_chunks.Count,
            MessageStartTime = messages == 0 ? 0 : _start,
            MessageEndTime = _end,
            ChannelMessageCounts = new SortedDictionary<ushort, ulong>(_messages),
        };
    }

    private void Count(ushort channelId, ulong messages) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_messages, channelId, out _)
            += messages;

    private static ushort NextId(IEnumerable<ushort> ids)
    {
        int next = 1;
        foreach (ushort id in ids.Order())
        {
            if (id > next)
                break;
            next = Math.Max(next, id + 1);
        }

        return next <= ushort.MaxValue
            ? (ushort)next
            : throw new InvalidOperationException("An MCAP file has room for 65535 ids, and all are in use.");
    }
}
