namespace AvSdk.Mcap;

/// <summary>The summary against what the data section was found to hold, and the offsets against the summary.</summary>
internal sealed class SummaryCheck(CheckedFile file, FindingList findings, McapLimits limits)
{
    private readonly Dictionary<McapOpcode, (ulong Start, ulong End)> _groups = [];
    private readonly List<(McapSummaryOffset Offset, long At)> _offsets = [];
    private readonly HashSet<ulong> _chunks = [];
    private readonly HashSet<ulong> _attachments = [];
    private readonly HashSet<ulong> _metadata = [];
    private McapStatistics? _statistics;
    private long _statisticsOffset;
    private ulong _start;
    private ulong _offsetStart;

    public bool HasChunkIndexes => _chunks.Count > 0;

    public bool HasStatistics => _statistics is not null;

    public void Take(McapOpcode opcode, ReadOnlySpan<byte> content, long offset, long bytes)
    {
        if (_start == 0)
            _start = (ulong)offset;
        if (opcode == McapOpcode.SummaryOffset && _offsetStart == 0)
            _offsetStart = (ulong)offset;
        TakeGroup(opcode, offset, bytes);
        if (!TryTake(opcode, content, offset, out McapError error))
            findings.Error("record-content", error.In(offset + McapFormat.RecordPrefixBytes));
    }

    public void TakeFooter(McapFooter footer, long offset, uint crc)
    {
        ulong offsetStart = _offsetStart;
        ulong start = _start;
        if (footer.SummaryStart != start)
            findings.Mismatch("footer", offset, $"summary_start {start}", $"{footer.SummaryStart}");
        if (footer.SummaryOffsetStart != offsetStart)
            findings.Mismatch("footer", offset, $"summary_offset_start {offsetStart}", $"{footer.SummaryOffsetStart}");
        if (footer.SummaryCrc != 0 && footer.SummaryCrc != crc)
        {
            findings.Error("summary-crc", new McapError(McapErrorKind.CrcMismatch, offset,
                $"a summary with CRC-32 {footer.SummaryCrc:x8}", $"{crc:x8}"));
        }
        else if (footer.SummaryCrc == 0 && start != 0)
        {
            findings.Warning("summary-no-crc", offset, "The summary has no CRC: damage in it goes unnoticed.",
                "Write the file again, or recover it, which gives it one.");
        }
    }

    /// <summary>What can only be said when all of the summary was seen.</summary>
    public void Finish()
    {
        CheckOffsets();
        CheckCompleteness("chunk-index", "chunk", file.Chunks.Keys, _chunks);
        CheckCompleteness("attachment-index", "attachment", file.Attachments.Keys, _attachments);
        CheckCompleteness("metadata-index", "metadata record", file.Metadata.Keys, _metadata);
        if (_statistics is not null && !file.IsDamaged)
            CheckStatistics(_statistics);
    }

    private bool TryTake(McapOpcode opcode, ReadOnlySpan<byte> content, long offset, out McapError error)
    {
        error = default;
        switch (opcode)
        {
            case McapOpcode.Schema:
                if (!McapRecordReader.TryParseSchema(content, limits, out McapSchema schema, out error))
                    return false;
                CheckDefinition(schema.Id, schema, file.Schemas, "schema", offset);
                return true;
            case McapOpcode.Channel:
                if (!McapRecordReader.TryParseChannel(content, limits, out McapChannel channel, out error))
                    return false;
                CheckDefinition(channel.Id, channel, file.Channels, "channel", offset);
                return true;
            case McapOpcode.Statistics:
                bool parsed = McapRecordReader.TryParseStatistics(content, out McapStatistics statistics, out error);
                _statistics = parsed ? statistics : _statistics;
                _statisticsOffset = offset;
                return parsed;
            case McapOpcode.ChunkIndex:
                if (!McapRecordReader.TryParseChunkIndex(content, limits, out McapChunkIndex chunk, out error))
                    return false;
                CheckChunk(chunk, offset);
                return true;
            case McapOpcode.AttachmentIndex:
                if (!McapRecordReader.TryParseAttachmentIndex(
                    content, limits, out McapAttachmentIndex attachment, out error))
                {
                    return false;
                }

                CheckIndex("attachment-index", attachment.Offset, attachment, file.Attachments, _attachments, offset);
                return true;
            case McapOpcode.MetadataIndex:
                if (!McapRecordReader.TryParseMetadataIndex(content, limits, out McapMetadataIndex metadata, out error))
                    return false;
                CheckIndex("metadata-index", metadata.Offset, metadata, file.Metadata, _metadata, offset);
                return true;
            case McapOpcode.SummaryOffset:
                parsed = McapRecordReader.TryParseSummaryOffset(content, out McapSummaryOffset group, out error);
                if (parsed)
                    _offsets.Add((group, offset));
                return parsed;
            default:
                return true;
        }
    }

    private void TakeGroup(McapOpcode opcode, long offset, long bytes)
    {
        ulong end = (ulong)(offset + bytes);
        if (!_groups.TryGetValue(opcode, out (ulong Start, ulong End) group))
            _groups.Add(opcode, ((ulong)offset, end));
        else if (group.End == (ulong)offset)
            _groups[opcode] = (group.Start, end);
        else
            findings.Mismatch("summary-groups", offset, $"the {opcode} records next to one another", "one apart");
    }

    private void CheckDefinition<T>(
        ushort id, T listed, Dictionary<ushort, T> defined, string kind, long offset)
        where T : class
    {
        if (!defined.TryGetValue(id, out T? known))
        {
            if (!file.IsDamaged)
            {
                findings.Warning("summary-only", offset, $"The summary defines {kind} {id}, the data section does not.",
                    "Nothing uses it: leave it out, or define it in the data section too.");
            }
        }
        else if (!known.Equals(listed))
        {
            findings.Mismatch("summary-definition", offset, $"{kind} {id} as the data section defines it", "another one");
        }
    }

    private void CheckChunk(McapChunkIndex index, long offset)
    {
        if (!_chunks.Add(index.ChunkStartOffset))
        {
            findings.Mismatch("chunk-index", offset, "one index for each chunk",
                $"a second one for the chunk at {index.ChunkStartOffset}");
            return;
        }

        if (!file.Chunks.TryGetValue(index.ChunkStartOffset, out McapChunkIndex? chunk))
        {
            // Damage that was reported took it away.
            if (file.IsDamaged)
                return;
            findings.Mismatch("chunk-index", offset, $"a chunk at {index.ChunkStartOffset}", "none there");
            return;
        }

        bool hasOffsets = index.MessageIndexOffsets.Count > 0;
        Compare("message_start_time", chunk.MessageStartTime, index.MessageStartTime);
        Compare("message_end_time", chunk.MessageEndTime, index.MessageEndTime);
        Compare("chunk_length", chunk.ChunkLength, index.ChunkLength);
        Compare("compression", chunk.Compression, index.Compression);
        Compare("compressed_size", chunk.CompressedSize, index.CompressedSize);
        Compare("uncompressed_size", chunk.UncompressedSize, index.UncompressedSize);
        if (hasOffsets)
            Compare("message_index_length", chunk.MessageIndexLength, index.MessageIndexLength);
        if (hasOffsets && !Same(chunk.MessageIndexOffsets, index.MessageIndexOffsets))
            Compare("message_index_offsets", "the places of the message indexes after the chunk", "others");

        void Compare<T>(string field, T expected, T found)
            where T : IEquatable<T>
        {
            if (!expected.Equals(found))
                findings.Mismatch("chunk-index", offset,
                    $"{field} {expected} of the chunk at {index.ChunkStartOffset}", $"{found}");
        }
    }

    // A channel without messages in the chunk need not be listed.
    private static bool Same(IReadOnlyDictionary<ushort, ulong> actual, IReadOnlyDictionary<ushort, ulong> listed) =>
        actual.Count == listed.Count && actual.All(a => listed.TryGetValue(a.Key, out ulong at) && at == a.Value);

    private void CheckIndex<T>(string code, ulong place, T listed, SortedDictionary<ulong, T> found,
        HashSet<ulong> seen, long offset)
        where T : class
    {
        seen.Add(place);
        if (found.TryGetValue(place, out T? actual) ? !actual.Equals(listed) : !file.IsDamaged)
            findings.Mismatch(code, offset, actual is null ? $"a record at {place}" : $"{actual}",
                actual is null ? "none there" : $"{listed}");
    }

    private void CheckCompleteness(string code, string what, IEnumerable<ulong> places, HashSet<ulong> listed)
    {
        if (listed.Count == 0)
            return;
        foreach (ulong place in places.Where(p => !listed.Contains(p)))
            findings.Mismatch(code, (long)place, $"the {what} in the index", "nothing about it");
    }

    private void CheckOffsets()
    {
        foreach ((McapSummaryOffset offset, long at) in _offsets)
        {
            if (!_groups.TryGetValue(offset.GroupOpcode, out (ulong Start, ulong End) group)
                || group.Start != offset.GroupStart || group.End - group.Start != offset.GroupLength)
            {
                findings.Mismatch("summary-offset", at,
                    $"{group.End - group.Start} bytes of {offset.GroupOpcode} records at {group.Start}",
                    $"{offset.GroupLength} at {offset.GroupStart}");
            }
        }
    }

    private void CheckStatistics(McapStatistics statistics)
    {
        Compare("message_count", file.MessageCount, statistics.MessageCount);
        Compare("schema_count", (ulong)file.Schemas.Count, statistics.SchemaCount);
        Compare("channel_count", (ulong)file.Channels.Count, statistics.ChannelCount);
        Compare("attachment_count", (ulong)file.Attachments.Count, statistics.AttachmentCount);
        Compare("metadata_count", (ulong)file.Metadata.Count, statistics.MetadataCount);
        Compare("chunk_count", (ulong)file.Chunks.Count, statistics.ChunkCount);
        Compare("message_start_time", file.MessageCount == 0 ? 0 : file.FirstLogTime, statistics.MessageStartTime);
        Compare("message_end_time", file.LastLogTime, statistics.MessageEndTime);
        if (statistics.ChannelMessageCounts.Count == 0)
            return;
        foreach (ushort id in file.Messages.Keys.Union(statistics.ChannelMessageCounts.Keys).Order())
        {
            Compare($"messages of channel {id}", file.Messages.GetValueOrDefault(id),
                statistics.ChannelMessageCounts.GetValueOrDefault(id));
        }

        void Compare(string field, ulong counted, ulong stated)
        {
            if (counted != stated)
                findings.Mismatch("statistics", _statisticsOffset, $"{field} {counted}, as counted", $"{stated}");
        }
    }
}
