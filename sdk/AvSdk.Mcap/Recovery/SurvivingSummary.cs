namespace AvSdk.Mcap;

/// <summary>
/// What is left of a file's summary: definitions and chunk indexes that help past damage. Its CRC says how far it is
/// to be trusted; an index is believed only where a chunk stands at its place.
/// </summary>
internal sealed class SurvivingSummary
{
    // Where there is no footer the summary is looked for in so much of the file's end.
    private const int SearchBytes = 4 << 20;

    private readonly List<McapChunkIndex> _chunks = [];
    private readonly Dictionary<ushort, McapSchema> _schemas = [];
    private readonly Dictionary<ushort, McapChannel> _channels = [];
    private readonly HashSet<ushort> _doubtful = [];
    private readonly HashSet<(ulong Bytes, ulong LogTime, string Name)> _attachments = [];
    private readonly HashSet<(ulong Bytes, string Name)> _metadata = [];

    /// <summary>Whether the file ends in a footer and the magic.</summary>
    public bool IsSealed { get; private set; }

    /// <summary>Whether its CRC is there and right.</summary>
    public bool IsVouched { get; private set; }

    /// <summary>Whether it is not known to be damaged: its CRC is right, or there is none to check.</summary>
    public bool IsSound { get; private set; }

    /// <summary>Whether it stands elsewhere than its footer says: bytes before it were lost or added.</summary>
    public bool IsShifted { get; private set; }

    /// <summary>File offset of its first record; the length of the file when there is none.</summary>
    public long Start { get; private set; }

    public McapStatistics? Statistics { get; private set; }

    /// <summary>By their place in the file.</summary>
    public IReadOnlyList<McapChunkIndex> Chunks => _chunks;

    /// <summary>Whether no chunk is missing in the list, as far as the statistics tell.</summary>
    public bool ListsEveryChunk => Statistics is { } statistics && statistics.ChunkCount == _chunks.Count;

    public static SurvivingSummary Find(IMcapSource source, McapLimits limits)
    {
        SurvivingSummary summary = new() { Start = source.Length };
        long length = source.Length;
        using SourceView window = new(source);
        if (length >= SummaryParser.TailBytes)
        {
            ReadOnlySpan<byte> tail = window.At(length - SummaryParser.TailBytes, SummaryParser.TailBytes);
            McapFooter? footer = SummaryParser.FindFooter(tail);
            summary.IsSealed = footer is not null;
            if (footer is { SummaryStart: > 0 } && summary.TryReadAt(footer, window, length, limits))
                return summary;
        }

        summary.Search(window, length, limits);
        return summary;
    }

    public McapSchema? Schema(ushort id) => IsSound ? _schemas.GetValueOrDefault(id) : null;

    public McapChannel? Channel(ushort id) =>
        IsSound && !_doubtful.Contains(id) ? _channels.GetValueOrDefault(id) : null;

    /// <summary>False for an attachment that is certainly not the file's.</summary>
    public bool ListsAttachment(McapAttachmentIndex attachment) =>
        !IsVouched || Statistics?.AttachmentCount != _attachments.Count
        || _attachments.Contains((attachment.Length, attachment.LogTime, attachment.Name));

    /// <summary>False for metadata that is certainly not the file's.</summary>
    public bool ListsMetadata(McapMetadata metadata, long bytes) =>
        !IsVouched || Statistics?.MetadataCount != _metadata.Count
        || _metadata.Contains(((ulong)bytes, metadata.Name));

    /// <summary>The channels that belong to this file for certain, used or not.</summary>
    public IEnumerable<McapChannel> CertainChannels => IsVouched && !IsShifted
        ? _channels.Values.Where(c => !_doubtful.Contains(c.Id)).OrderBy(c => c.Id) : [];

    /// <summary>The index of the chunk that begins at <paramref name="offset"/>.</summary>
    public McapChunkIndex? ChunkAt(long offset)
    {
        int place = PlaceOf(offset);
        return place >= 0 && _chunks[place].ChunkStartOffset == (ulong)offset ? _chunks[place] : null;
    }

    /// <summary>The index of the last chunk that begins at or before <paramref name="offset"/>.</summary>
    public McapChunkIndex? ChunkBefore(long offset)
    {
        int place = PlaceOf(offset);
        return place >= 0 ? _chunks[place] : null;
    }

    /// <summary>Where the next listed chunk begins, at or after <paramref name="offset"/>.</summary>
    public long NextChunk(long offset)
    {
        int place = PlaceOf(offset - 1) + 1;
        return place < _chunks.Count ? (long)_chunks[place].ChunkStartOffset : long.MaxValue;
    }

    // The last one that begins at or before the offset; -1 when there is none.
    private int PlaceOf(long offset)
    {
        int low = 0;
        int high = _chunks.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if ((long)_chunks[middle].ChunkStartOffset <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    private bool TryReadAt(McapFooter footer, SourceView window, long length, McapLimits limits)
    {
        long end = length - SummaryParser.TailBytes;
        if (footer.SummaryStart > (ulong)end
            || (ulong)end - footer.SummaryStart > (ulong)Math.Min(limits.SummaryBytesMax, Array.MaxLength - 64))
        {
            return false;
        }

        long start = (long)footer.SummaryStart;
        ReadOnlySpan<byte> bytes = window.At(start, (int)(length - start));
        return Read(bytes[..^SummaryParser.TailBytes], limits) == bytes.Length - SummaryParser.TailBytes
            && Accept(bytes, start, footer);
    }

    private bool Accept(ReadOnlySpan<byte> bytes, long start, McapFooter footer)
    {
        uint crc = Crc32.Compute(bytes[..^(McapFormat.MagicBytes + 4)]);
        IsVouched = footer.SummaryCrc != 0 && crc == footer.SummaryCrc;
        IsSound = IsVouched || footer.SummaryCrc == 0;
        IsShifted = (ulong)start != footer.SummaryStart;
        Start = start;
        return true;
    }

    // From the last DataEnd record whose followers are records of a summary up to the end of the file.
    private void Search(SourceView window, long length, McapLimits limits)
    {
        int tailBytes = (int)Math.Min(length, SearchBytes);
        ReadOnlySpan<byte> tail = window.At(length - tailBytes, tailBytes);
        int footerBytes = IsSealed ? SummaryParser.TailBytes : 0;
        for (int at = tail.Length; (at = LastDataEnd(tail[..at])) >= 0;)
        {
            int start = at + McapFormat.DataEndRecordBytes;
            if (start > tail.Length - footerBytes)
                continue;
            ReadOnlySpan<byte> records = tail[start..^footerBytes];
            int read = Read(records, limits);
            if (read == 0 || (IsSealed && read < records.Length))
                continue;
            long offset = length - tail.Length + start;
            if (IsSealed)
                Accept(tail[start..], offset, SummaryParser.FindFooter(tail)!);
            else
                (IsSound, Start) = (true, offset);
            return;
        }

        Forget();
    }

    private static int LastDataEnd(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> prefix = [(byte)McapOpcode.DataEnd, 4, 0, 0, 0, 0, 0, 0, 0];
        int at = bytes.LastIndexOf(prefix);
        return at + McapFormat.DataEndRecordBytes <= bytes.Length ? at : -1;
    }

    // How many bytes of it are whole records that may stand in a summary.
    private int Read(ReadOnlySpan<byte> records, McapLimits limits)
    {
        Forget();
        int at = 0;
        while (at < records.Length)
        {
            McapReadStatus status = McapRecordReader.TryRead(records[at..], limits, out McapRecordView record);
            if (status != McapReadStatus.Ok || !TryTake(record, limits))
                break;
            at += (int)record.TotalBytes;
        }

        _chunks.Sort((a, b) => a.ChunkStartOffset.CompareTo(b.ChunkStartOffset));
        return at;
    }

    private bool TryTake(in McapRecordView record, McapLimits limits)
    {
        switch (record.Opcode)
        {
            case McapOpcode.Schema:
                if (!McapRecordReader.TryParseSchema(record.Content, limits, out McapSchema schema, out _))
                    return false;
                _schemas.TryAdd(schema.Id, schema);
                return true;
            case McapOpcode.Channel:
                if (!McapRecordReader.TryParseChannel(record.Content, limits, out McapChannel channel, out _))
                    return false;
                if (!_channels.TryAdd(channel.Id, channel) && !_channels[channel.Id].Equals(channel))
                    _doubtful.Add(channel.Id);
                return true;
            case McapOpcode.ChunkIndex:
                if (!McapRecordReader.TryParseChunkIndex(record.Content, limits, out McapChunkIndex chunk, out _))
                    return false;
                if (chunk.ChunkStartOffset <= long.MaxValue / 2 && chunk.ChunkLength <= long.MaxValue / 2)
                    _chunks.Add(chunk);
                return true;
            case McapOpcode.Statistics:
                bool parsed = McapRecordReader.TryParseStatistics(record.Content, out McapStatistics statistics, out _);
                Statistics = parsed ? statistics : Statistics;
                return parsed;
            case McapOpcode.AttachmentIndex:
                parsed = McapRecordReader.TryParseAttachmentIndex(
                    record.Content, limits, out McapAttachmentIndex attachment, out _);
                _attachments.Add((attachment.Length, attachment.LogTime, attachment.Name));
                return parsed;
            case McapOpcode.MetadataIndex:
                parsed = McapRecordReader.TryParseMetadataIndex(
                    record.Content, limits, out McapMetadataIndex metadata, out _);
                _metadata.Add((metadata.Length, metadata.Name));
                return parsed;
            case McapOpcode.SummaryOffset:
                return true;
            default:
                return record.Opcode > McapOpcode.DataEnd;
        }
    }

    private void Forget()
    {
        _chunks.Clear();
        _schemas.Clear();
        _channels.Clear();
        _doubtful.Clear();
        _attachments.Clear();
        _metadata.Clear();
        Statistics = null;
    }
}
