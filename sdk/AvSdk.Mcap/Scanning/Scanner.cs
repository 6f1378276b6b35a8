namespace AvSdk.Mcap;

/// <summary>
/// Walks a file's records for <see cref="McapScan"/>, reading no more of each than it needs.
/// </summary>
internal sealed class Scanner(IMcapSource source, McapLimits limits) : IDisposable
{
    private const long RunBytesMax = 1 << 20;

    // More than the fixed fields and names of a chunk or an attachment take.
    private const int PeekBytes = 16 * 1024;

    private readonly SourceWindow _window = new(source);
    private readonly long _length = source.Length;
    private readonly Dictionary<ushort, McapSchema> _schemas = [];
    private readonly Dictionary<ushort, McapChannel> _channels = [];
    private readonly RunBuilder _run = new();
    private List<ChunkBodyChannel>? _openChunk;
    private bool _inSummary;

    public ScanFindings Findings { get; } = new();

    /// <summary>The header, once <see cref="Begin"/> is through; null: <see cref="Error"/> says why.</summary>
    public McapHeader? Header { get; private set; }

    public McapError Error { get; private set; }

    /// <summary>Reads the header. Each range that comes has to be fetched before it goes on.</summary>
    public IEnumerable<ByteRange> Begin()
    {
        yield return new ByteRange(0, McapFormat.MagicBytes + McapFormat.RecordPrefixBytes);
        if (!TryBegin(out int contentBytes, out McapError error))
        {
            Error = error;
            yield break;
        }

        const long ContentAt = McapFormat.MagicBytes + McapFormat.RecordPrefixBytes;
        yield return new ByteRange(ContentAt, contentBytes);
        if (!McapRecordReader.TryParseHeader(
            _window.Fetched(ContentAt, contentBytes), limits, out McapHeader header, out error))
        {
            Error = error.In(ContentAt);
            yield break;
        }

        Header = header;
        Findings.End = ContentAt + contentBytes;
    }

    /// <summary>Reads the records after it, likewise.</summary>
    public IEnumerable<ByteRange> Run()
    {
        while (Findings.End < _length && !Findings.IsSealed)
        {
            long at = Findings.End;
            yield return new ByteRange(at, McapFormat.RecordPrefixBytes);
            bool good = TryFrame(at, out McapOpcode opcode, out long contentBytes, out McapError error);
            if (good)
            {
                yield return new ByteRange(at, McapFormat.RecordPrefixBytes + BytesNeeded(opcode, contentBytes));
                good = TryTake(at, opcode, contentBytes, out error);
            }

            if (!good)
            {
                Findings.TailError = error;
                break;
            }
        }

        CloseRun();
    }

    public void Fetch(ByteRange range) => _window.Fetch(range);

    public ValueTask FetchAsync(ByteRange range, CancellationToken cancellationToken) =>
        _window.FetchAsync(range, cancellationToken);

    public void Dispose() => _window.Dispose();

    private bool TryBegin(out int headerBytes, out McapError error)
    {
        headerBytes = 0;
        ReadOnlySpan<byte> start = _window.Fetched(0, McapFormat.MagicBytes + McapFormat.RecordPrefixBytes);
        McapReadStatus magic = McapRecordReader.TryReadMagic(start, out error);
        if (magic == McapReadStatus.NeedMore)
            error = Truncated(start.Length, "the magic and a Header record", $"a file of {_length} bytes");
        if (magic != McapReadStatus.Ok)
            return false;
        if (!TryFrame(McapFormat.MagicBytes, out McapOpcode opcode, out long contentBytes, out error))
            return false;
        if (opcode != McapOpcode.Header)
        {
            error = new McapError(
                McapErrorKind.UnexpectedRecord, McapFormat.MagicBytes, "a Header record", $"{opcode}");
            return false;
        }

        headerBytes = (int)contentBytes;
        return true;
    }

    // How much of a record's content is looked at.
    private int BytesNeeded(McapOpcode opcode, long contentBytes) => opcode switch
    {
        McapOpcode.Footer => (int)contentBytes + McapFormat.MagicBytes,
        _ when _inSummary => 0,
        McapOpcode.Schema or McapOpcode.Channel or McapOpcode.Metadata => (int)contentBytes,
        McapOpcode.Message => (int)Math.Min(contentBytes, McapFormat.MessageFieldBytes),
        McapOpcode.MessageIndex => (int)Math.Min(contentBytes, McapFormat.IndexFieldBytes),
        McapOpcode.Chunk or McapOpcode.Attachment => (int)Math.Min(contentBytes, PeekBytes),
        >= (McapOpcode)McapRecordWriter.PrivateOpcodeMin =>
            contentBytes > McapScan.PrivateBytesMax ? 0 : (int)contentBytes,
        _ => 0,
    };

    private bool TryTake(long at, McapOpcode opcode, long contentBytes, out McapError error)
    {
        long contentAt = at + McapFormat.RecordPrefixBytes;
        long end = contentAt + contentBytes;
        if (opcode is not (McapOpcode.Message or McapOpcode.Schema or McapOpcode.Channel))
            CloseRun();
        if (opcode != McapOpcode.MessageIndex)
            _openChunk = null;
        error = default;
        bool taken = _inSummary
            ? TryTakeSummary(opcode, contentBytes, ref end, out error)
            : opcode switch
            {
                McapOpcode.Schema => TryTakeSchema(contentAt, contentBytes, end, out error),
                McapOpcode.Channel => TryTakeChannel(contentAt, contentBytes, end, out error),
                McapOpcode.Message => TryTakeMessage(at, contentBytes, out error),
                McapOpcode.Chunk => TryTakeChunk(at, contentBytes, out error),
                McapOpcode.MessageIndex => TryTakeIndex(at, contentBytes, out error),
                McapOpcode.Attachment => TryTakeAttachment(at, contentBytes, out error),
                McapOpcode.Metadata => TryTakeMetadata(at, contentBytes, out error),
                McapOpcode.DataEnd => TakeDataEnd(at),
                McapOpcode.Header or McapOpcode.Footer => Unexpected(opcode, out error),
                >= (McapOpcode)McapRecordWriter.PrivateOpcodeMin => TakePrivate(at, opcode, contentBytes),
                _ => true,
            };
        if (taken)
            Findings.End = end;
        else
            error = error.In(contentAt);
        return taken;
    }

    private bool TryFrame(long at, out McapOpcode opcode, out long contentBytes, out McapError error)
    {
        opcode = default;
        contentBytes = 0;
        ReadOnlySpan<byte> prefix = _window.Fetched(at, McapFormat.RecordPrefixBytes);
        McapReadStatus status =
            McapRecordReader.TryRead(prefix, limits, out McapRecordView record, out error);
        if (status == McapReadStatus.Error)
        {
            error = error.In(at);
            return false;
        }

        if (prefix.Length < McapFormat.RecordPrefixBytes || at + record.TotalBytes > _length)
        {
            error = Truncated(at, $"{record.TotalBytes} bytes of a record", $"{_length - at}");
            return false;
        }

        opcode = (McapOpcode)prefix[0];
        contentBytes = record.TotalBytes - McapFormat.RecordPrefixBytes;
        return true;
    }

    private bool TryTakeSchema(long at, long bytes, long end, out McapError error)
    {
        if (!McapRecordReader.TryParseSchema(_window.Fetched(at, (int)bytes), limits, out McapSchema schema,
            out error))
            return false;
        _run.Skip(end);
        if (schema.Id == 0)
            return true;
        if (_schemas.TryAdd(schema.Id, schema))
            Findings.Schemas.Add(schema, end);
        else if (!_schemas[schema.Id].Equals(schema))
            error = DefinitionErrors.DuplicateSchema(_schemas[schema.Id], schema);
        return !error.IsError;
    }

    private bool TryTakeChannel(long at, long bytes, long end, out McapError error)
    {
        if (!McapRecordReader.TryParseChannel(_window.Fetched(at, (int)bytes), limits, out McapChannel channel,
            out error))
            return false;
        _run.Skip(end);
        if (_channels.TryAdd(channel.Id, channel))
            Findings.Channels.Add(channel, end);
        else if (!_channels[channel.Id].Equals(channel))
            error = DefinitionErrors.DuplicateChannel(_channels[channel.Id], channel);
        return !error.IsError;
    }

    private bool TryTakeMessage(long at, long contentBytes, out McapError error)
    {
        ReadOnlySpan<byte> fields = _window.Fetched(
            at + McapFormat.RecordPrefixBytes, (int)Math.Min(contentBytes, McapFormat.MessageFieldBytes));
        if (!McapRecordReader.TryParseMessage(fields, out McapMessageView message, out error))
            return false;
        long end = at + McapFormat.RecordPrefixBytes + contentBytes;
        if (_run.Bytes >= RunBytesMax)
            CloseRun();
        _run.Add(at, end, message.ChannelId, message.LogTime);
        return true;
    }

    private bool TryTakeChunk(long at, long contentBytes, out McapError error)
    {
        ReadOnlySpan<byte> peek = _window.Fetched(
            at + McapFormat.RecordPrefixBytes, (int)Math.Min(contentBytes, PeekBytes));
        FieldReader fields = new(peek, limits);
        ulong start = fields.ReadUInt64("message_start_time");
        ulong end = fields.ReadUInt64("message_end_time");
        ulong size = fields.ReadUInt64("uncompressed_size");
        fields.ReadUInt32("uncompressed_crc");
        string compression = fields.ReadText("compression");
        ulong recordsBytes = fields.ReadUInt64("records");
        if (recordsBytes > (ulong)(contentBytes - fields.At))
        {
            fields.Fail(McapErrorKind.LengthMismatch, fields.At - 8,
                $"at most {contentBytes - fields.At} bytes of records", $"a length of {recordsBytes}");
        }

        if (!fields.Finish(out error))
            return false;
        _openChunk = [];
        McapChunkIndex index = new()
        {
            MessageStartTime = start,
            MessageEndTime = end,
            ChunkStartOffset = (ulong)at,
            ChunkLength = (ulong)(McapFormat.RecordPrefixBytes + contentBytes),
            MessageIndexOffsets = new Dictionary<ushort, ulong>(),
            Compression = compression,
            CompressedSize = recordsBytes,
            UncompressedSize = size,
        };
        Findings.Chunks.Add(new McapScannedChunk(index, (long)index.ChunkLength, _openChunk));
        return true;
    }

    private bool TryTakeIndex(long at, long contentBytes, out McapError error)
    {
        error = default;
        if (_openChunk is null)
            return true;
        ReadOnlySpan<byte> head = _window.Fetched(
            at + McapFormat.RecordPrefixBytes, (int)Math.Min(contentBytes, McapFormat.IndexFieldBytes));
        FieldReader fields = new(head, limits);
        ushort channelId = fields.ReadUInt16("channel_id");
        uint entriesBytes = fields.ReadUInt32("records");
        if (entriesBytes > contentBytes - McapFormat.IndexFieldBytes
            || entriesBytes % McapFormat.IndexEntryBytes != 0)
        {
            fields.Fail(McapErrorKind.LengthMismatch, 2,
                $"whole index entries of at most {contentBytes - McapFormat.IndexFieldBytes} bytes",
                $"{entriesBytes}");
        }

        if (!fields.Finish(out error))
            return false;
        McapScannedChunk chunk = Findings.Chunks[^1];
        Dictionary<ushort, ulong> offsets = (Dictionary<ushort, ulong>)chunk.Index.MessageIndexOffsets;
        if (!offsets.TryAdd(channelId, (ulong)at))
        {
            error = new McapError(McapErrorKind.DuplicateKey, 0,
                "one message index for each channel", $"a second one for channel {channelId}");
            return false;
        }

        int totalBytes = (int)(McapFormat.RecordPrefixBytes + contentBytes);
        _openChunk.Add(new ChunkBodyChannel(
            channelId, (int)(entriesBytes / McapFormat.IndexEntryBytes), (int)(at - chunk.Offset),
            totalBytes));
        Findings.Chunks[^1] = chunk with
        {
            BodyBytes = chunk.BodyBytes + totalBytes,
            Index =
                chunk.Index with { MessageIndexLength = chunk.Index.MessageIndexLength + (ulong)totalBytes },
        };
        return true;
    }

    private bool TryTakeAttachment(long at, long contentBytes, out McapError error)
    {
        ReadOnlySpan<byte> peek = _window.Fetched(
            at + McapFormat.RecordPrefixBytes, (int)Math.Min(contentBytes, PeekBytes));
        FieldReader fields = new(peek, limits);
        ulong logTime = fields.ReadUInt64("log_time");
        ulong createTime = fields.ReadUInt64("create_time");
        string name = fields.ReadText("name");
        string mediaType = fields.ReadText("media_type");
        ulong dataBytes = fields.ReadUInt64("data");
        if (dataBytes > (ulong)Math.Max(0, contentBytes - fields.At - 4))
        {
            fields.Fail(McapErrorKind.LengthMismatch, fields.At - 8,
                $"at most {contentBytes - fields.At - 4} bytes of data", $"a length of {dataBytes}");
        }

        if (!fields.Finish(out error))
            return false;
        long totalBytes = McapFormat.RecordPrefixBytes + contentBytes;
        Findings.Attachments.Add(
            new McapAttachmentIndex(
                (ulong)at, (ulong)totalBytes, logTime, createTime, dataBytes, name, mediaType),
            at + totalBytes);
        return true;
    }

    private bool TryTakeMetadata(long at, long contentBytes, out McapError error)
    {
        ReadOnlySpan<byte> content = _window.Fetched(at + McapFormat.RecordPrefixBytes, (int)contentBytes);
        if (!McapRecordReader.TryParseMetadata(content, limits, out McapMetadata metadata, out error))
            return false;
        long totalBytes = McapFormat.RecordPrefixBytes + contentBytes;
        Findings.Metadata.Add(metadata, at + totalBytes);
        Findings.MetadataIndexes.Add(
            new McapMetadataIndex((ulong)at, (ulong)totalBytes, metadata.Name), at + totalBytes);
        return true;
    }

    private bool TakePrivate(long at, McapOpcode opcode, long contentBytes)
    {
        byte[] content = contentBytes > McapScan.PrivateBytesMax
            ? []
            : _window.Fetched(at + McapFormat.RecordPrefixBytes, (int)contentBytes).ToArray();
        Findings.PrivateRecords.Add(new McapScannedRecord(
            (byte)opcode, at, McapFormat.RecordPrefixBytes + contentBytes, content));
        return true;
    }

    private bool TakeDataEnd(long at)
    {
        Findings.DataEndOffset = at;
        _inSummary = true;
        return true;
    }

    // The summary repeats what the data section said: it is stepped over, to the footer and the magic.
    private bool TryTakeSummary(McapOpcode opcode, long contentBytes, ref long end, out McapError error)
    {
        error = default;
        if (opcode is McapOpcode.Header or McapOpcode.DataEnd or McapOpcode.Chunk or McapOpcode.Message)
            return Unexpected(opcode, out error);
        if (opcode != McapOpcode.Footer)
            return true;
        ReadOnlySpan<byte> magic = _window.Fetched(end, McapFormat.MagicBytes);
        if (!magic.SequenceEqual(McapFormat.Magic))
        {
            error = magic.Length < McapFormat.MagicBytes
                ? Truncated(contentBytes, "the magic after the footer", $"{magic.Length} bytes")
                : new McapError(McapErrorKind.WrongMagic, contentBytes, Convert.ToHexString(McapFormat.Magic),
                    Convert.ToHexString(magic));
            return false;
        }

        end += McapFormat.MagicBytes;
        Findings.IsSealed = true;
        return true;
    }

    private static bool Unexpected(McapOpcode opcode, out McapError error)
    {
        error =
            new McapError(McapErrorKind.UnexpectedRecord, 0, "a record of the section at hand", $"{opcode}");
        return false;
    }

    private static McapError Truncated(long at, string expected, string found) =>
        new(McapErrorKind.Truncated, at, expected, found);

    private void CloseRun()
    {
        if (_run.Take() is McapScannedRun run)
            Findings.Runs.Add(run);
    }
}
