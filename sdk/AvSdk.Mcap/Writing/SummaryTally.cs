using System.Buffers;
using System.Runtime.InteropServices;

namespace AvSdk.Mcap;

/// <summary>What a writer keeps of a file for its summary: definitions, indexes, counts.</summary>
internal sealed class SummaryTally
{
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

    public WriterDefinitions Definitions { get; } = new();

    /// <summary>The summary of a finished file, which says how many messages each channel has.</summary>
    public static SummaryTally Of(FileContents contents, McapStatistics statistics)
    {
        SummaryTally tally = new();
        foreach (McapSchema schema in contents.Definitions.Schemas.Values)
            tally.Definitions.Add(schema);
        foreach (McapChannel channel in contents.Definitions.Channels.Values)
            tally.Definitions.Add(channel);
        tally._chunks.AddRange(contents.Chunks);
        tally._attachments.AddRange(contents.Attachments);
        tally._metadata.AddRange(contents.Metadata);
        foreach ((ushort channelId, ulong messages) in statistics.ChannelMessageCounts)
            tally.Count(channelId, messages);
        if (statistics.MessageCount > 0)
        {
            tally._start = statistics.MessageStartTime;
            tally._end = statistics.MessageEndTime;
        }

        return tally;
    }

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
    public McapFooter Write(ArrayBufferWriter<byte> output, long start, McapWriterOptions options)
    {
        List<McapSummaryOffset> groups = [];
        Group(options.RepeatSchemas, McapOpcode.Schema, Definitions.Schemas, McapRecordWriter.WriteSchema);
        Group(options.RepeatChannels, McapOpcode.Channel, Definitions.Channels, McapRecordWriter.WriteChannel);
        Group(options.Statistics && CountsAreComplete,
            McapOpcode.Statistics, [Statistics()], McapRecordWriter.WriteStatistics);
        Group(options.ChunkIndexes, McapOpcode.ChunkIndex, _chunks, McapRecordWriter.WriteChunkIndex);
        Group(options.AttachmentIndexes,
            McapOpcode.AttachmentIndex, _attachments, McapRecordWriter.WriteAttachmentIndex);
        Group(options.MetadataIndexes,
            McapOpcode.MetadataIndex, _metadata, McapRecordWriter.WriteMetadataIndex);
        ulong offsetStart = 0;
        if (options.SummaryOffsets && groups.Count > 0)
        {
            offsetStart = (ulong)(start + output.WrittenCount);
            foreach (McapSummaryOffset group in groups)
                McapRecordWriter.WriteSummaryOffset(output, group);
        }

        return new McapFooter(groups.Count == 0 ? 0 : (ulong)start, offsetStart, 0);

        void Group<T>(
            bool wanted, McapOpcode opcode, IEnumerable<T> items, Action<IBufferWriter<byte>, T> write)
        {
            if (!wanted)
                return;
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
            SchemaCount = (ushort)Definitions.Schemas.Count,
            ChannelCount = (uint)Definitions.Channels.Count,
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
}
