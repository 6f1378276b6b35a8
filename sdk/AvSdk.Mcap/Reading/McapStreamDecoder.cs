using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// Reads a file from its beginning, record by record, from bytes that the caller brings: no I/O of its own. A
/// chunk comes as a record, then the records inside it. Every check is made on the way: order, lengths,
/// definitions, CRCs.
/// </summary>
/// <remarks>
/// Fill <see cref="GetInput"/>, tell <see cref="Commit"/>, call <see cref="Read"/> until it needs input
/// again. What the properties give is borrowed from the decoder until the next of these calls. One thread at
/// a time.
/// </remarks>
public sealed class McapStreamDecoder : IDisposable
{
    private readonly McapReadOptions _options;
    private readonly DecoderInput _input = new();
    private readonly Definitions _definitions = new();
    private readonly SectionCrcs _crcs;
    private Section _section = Section.Magic;
    private long _position;
    private int _consumed;
    private IMemoryOwner<byte>? _chunk;
    private int _chunkAt;
    private long _chunkOffset;
    private int _contentAt;
    private int _contentBytes;
    private bool _inputEnded;

    /// <summary>A decoder at the beginning of a file.</summary>
    public McapStreamDecoder(McapReadOptions? options = null)
    {
        _options = options ?? McapReadOptions.Default;
        _crcs = new SectionCrcs(_options.CheckCrcs);
    }

    private enum Section
    {
        Magic,
        Header,
        Data,
        Summary,
        EndMagic,
        End,
        Failed,
    }

    /// <summary>The header; null until it came.</summary>
    public McapHeader? Header { get; private set; }

    /// <summary>The schemas so far, by id.</summary>
    public IReadOnlyDictionary<ushort, McapSchema> Schemas => _definitions.Schemas;

    /// <summary>The channels so far, by id.</summary>
    public IReadOnlyDictionary<ushort, McapChannel> Channels => _definitions.Channels;

    /// <summary>The kind of the record at hand.</summary>
    public McapOpcode Opcode { get; private set; }

    /// <summary>The content of the record at hand; of a chunk, as it stands in the file.</summary>
    public ReadOnlySpan<byte> Content => IsInChunk
        ? _chunk!.Memory.Span.Slice(_contentAt, _contentBytes)
        : _input.Unread.Slice(_contentAt, _contentBytes);

    /// <summary>Whether the record at hand came out of a chunk.</summary>
    public bool IsInChunk { get; private set; }

    /// <summary>File offset of the record at hand; of the chunk, for one that came out of it.</summary>
    public long RecordOffset => IsInChunk ? _chunkOffset : _position;

    /// <summary>Whether the summary has begun: definitions repeat from here on.</summary>
    public bool IsInSummary => _section is Section.Summary or Section.EndMagic or Section.End;

    /// <summary>The message at hand, when the record is one.</summary>
    public McapMessageView Message => new(Content);

    /// <summary>The channel of the message at hand, when the record is one.</summary>
    public McapChannel MessageChannel => _definitions.Channel(Message.ChannelId)!;

    /// <summary>
    /// What is wrong, after <see cref="McapDecodeStatus.Error"/>; offsets count from the file's start.
    /// </summary>
    public McapError Error { get; private set; }

    /// <summary>Room to put input into, at least one byte.</summary>
    public Memory<byte> GetInput()
    {
        Release();
        return _input.Free();
    }

    /// <summary>
    /// So many bytes were put into what <see cref="GetInput"/> gave; 0: the input is at its end.
    /// </summary>
    public void Commit(int bytes)
    {
        _input.Commit(bytes);
        _inputEnded |= bytes == 0;
    }

    /// <summary>Goes to the next record.</summary>
    public McapDecodeStatus Read()
    {
        Release();
        return _section switch
        {
            Section.Magic or Section.EndMagic => ReadMagic(),
            Section.End => ReadAfterEnd(),
            Section.Failed => McapDecodeStatus.Error,
            _ => _chunk is null ? ReadRecord() : ReadChunkRecord(),
        };
    }

    /// <summary>Gives its memory back.</summary>
    public void Dispose()
    {
        _chunk?.Dispose();
        _chunk = null;
        _input.Dispose();
        _section = Section.Failed;
    }

    private void Release()
    {
        _input.Skip(_consumed);
        _position += _consumed;
        _consumed = 0;
        Opcode = McapOpcode.None;
        _contentAt = 0;
        _contentBytes = 0;
    }

    private McapDecodeStatus ReadMagic()
    {
        McapReadStatus status = McapRecordReader.TryReadMagic(_input.Unread, out McapError error);
        if (status == McapReadStatus.Error)
            return Fail(error);
        if (status == McapReadStatus.NeedMore)
        {
            return NeedInput(_section == Section.Magic
                ? "the magic of an MCAP file" : "the magic after the footer", McapFormat.MagicBytes);
        }

        if (_section == Section.Magic)
            _crcs.Append(_input.Unread[..McapFormat.MagicBytes]);
        _consumed = McapFormat.MagicBytes;
        _section = _section == Section.Magic ? Section.Header : Section.End;
        return Read();
    }

    private McapDecodeStatus ReadAfterEnd()
    {
        if (!_input.Unread.IsEmpty)
        {
            return Fail(new McapError(
                McapErrorKind.UnexpectedRecord, 0, "nothing after the end magic", "more bytes"));
        }

        return _inputEnded ? McapDecodeStatus.End : McapDecodeStatus.NeedInput;
    }

    private McapDecodeStatus ReadRecord()
    {
        ReadOnlySpan<byte> unread = _input.Unread;
        McapReadStatus status = McapRecordReader.TryRead(
            unread, _options.Limits, out McapRecordView record, out McapError error);
        if (status == McapReadStatus.Error)
            return Fail(error);
        if (status == McapReadStatus.NeedMore)
        {
            if (_inputEnded && unread.IsEmpty && _options.AllowUnsealed && _section == Section.Data)
                return McapDecodeStatus.End;
            return NeedInput(Awaited(record.Opcode), record.TotalBytes);
        }

        IsInChunk = false;
        Opcode = record.Opcode;
        _contentAt = McapFormat.RecordPrefixBytes;
        _contentBytes = record.Content.Length;
        _consumed = (int)record.TotalBytes;
        if (!TryTake(record.Content, out error))
            return Fail(error.In(McapFormat.RecordPrefixBytes));
        _crcs.AppendRecord(unread[.._consumed], record.Opcode);
        if (record.Opcode == McapOpcode.DataEnd)
            _crcs.BeginSummary();
        return McapDecodeStatus.Record;
    }

    private bool TryTake(ReadOnlySpan<byte> content, out McapError error)
    {
        error = default;
        if (!IsAllowed())
        {
            error = new McapError(McapErrorKind.UnexpectedRecord, -McapFormat.RecordPrefixBytes,
                Awaited(McapOpcode.None), $"{Opcode}");
            return false;
        }

        switch (Opcode)
        {
            case McapOpcode.Header:
                _section = Section.Data;
                bool parsed = McapRecordReader.TryParseHeader(
                    content, _options.Limits, out McapHeader header, out error);
                Header = header;
                return parsed;
            case McapOpcode.Schema or McapOpcode.Channel:
                return _definitions.TryAdd(content, Opcode, _options.Limits, out error);
            case McapOpcode.Message:
                return TryTakeMessage(content, out error);
            case McapOpcode.Chunk:
                return TryTakeChunk(content, out error);
            case McapOpcode.Attachment:
                return !_options.CheckCrcs || AttachmentHead.TryCheckCrc(content, _options.Limits, out error);
            case McapOpcode.DataEnd:
                _section = Section.Summary;
                return McapRecordReader.TryParseDataEnd(content, out uint dataCrc, out error)
                    && _crcs.TryCheck(dataCrc, "data section", out error);
            case McapOpcode.Footer:
                _section = Section.EndMagic;
                return McapRecordReader.TryParseFooter(content, out McapFooter footer, out error)
                    && _crcs.TryCheckSummary(footer, out error);
            default:
                return true;
        }
    }

    private bool IsAllowed() => _section switch
    {
        Section.Header => Opcode == McapOpcode.Header,
        Section.Data => Opcode is not (McapOpcode.Header or McapOpcode.Footer or McapOpcode.ChunkIndex
            or McapOpcode.AttachmentIndex or McapOpcode.MetadataIndex or McapOpcode.Statistics
            or McapOpcode.SummaryOffset),
        _ => Opcode is not (McapOpcode.Header or McapOpcode.Message or McapOpcode.Chunk
            or McapOpcode.MessageIndex or McapOpcode.Attachment or McapOpcode.Metadata or McapOpcode.DataEnd),
    };

    private bool TryTakeMessage(ReadOnlySpan<byte> content, out McapError error)
    {
        if (!McapRecordReader.TryParseMessage(content, out McapMessageView message, out error))
            return false;
        if (_definitions.Channel(message.ChannelId) is not null)
            return true;
        error = DefinitionErrors.UnknownChannel(message.ChannelId);
        return false;
    }

    private bool TryTakeChunk(ReadOnlySpan<byte> content, out McapError error)
    {
        if (!McapRecordReader.TryParseChunk(content, _options.Limits, out McapChunkView chunk, out error))
            return false;
        ChunkSizes sizes = new((long)chunk.UncompressedSize, chunk.UncompressedCrc, chunk.Compression);
        if (!ChunkDecompressor.TryDecompress(
            chunk.Records, sizes, _options.Limits, _options.CheckCrcs, out _chunk, out error))
        {
            error = error.In(content.Overlaps(chunk.Records, out int at) ? at : 0);
            return false;
        }

        _chunkAt = 0;
        _chunkOffset = _position;
        return true;
    }

    private McapDecodeStatus ReadChunkRecord()
    {
        ReadOnlySpan<byte> rest = _chunk!.Memory.Span[_chunkAt..];
        if (rest.IsEmpty)
        {
            _chunk.Dispose();
            _chunk = null;
            IsInChunk = false;
            return ReadRecord();
        }

        McapReadStatus status = McapRecordReader.TryRead(
            rest, _options.Limits, out McapRecordView record, out McapError error);
        if (status == McapReadStatus.NeedMore)
        {
            error = new McapError(McapErrorKind.LengthMismatch, 0,
                $"{record.TotalBytes} bytes of a record within the chunk", $"{rest.Length}");
        }

        if (status != McapReadStatus.Ok)
            return FailInChunk(error);
        IsInChunk = true;
        Opcode = record.Opcode;
        _contentAt = _chunkAt + McapFormat.RecordPrefixBytes;
        _contentBytes = record.Content.Length;
        bool good = Opcode switch
        {
            McapOpcode.Message => TryTakeMessage(record.Content, out error),
            McapOpcode.Schema or McapOpcode.Channel =>
                _definitions.TryAdd(record.Content, Opcode, _options.Limits, out error),
            > McapOpcode.DataEnd => true,
            _ => NotInChunk(Opcode, out error),
        };
        if (!good)
            return FailInChunk(error);
        _chunkAt += (int)record.TotalBytes;
        return McapDecodeStatus.Record;
    }

    private static bool NotInChunk(McapOpcode opcode, out McapError error)
    {
        error = new McapError(
            McapErrorKind.UnexpectedRecord, 0, "a Schema, Channel or Message record in a chunk", $"{opcode}");
        return false;
    }

    private McapDecodeStatus FailInChunk(McapError error)
    {
        string place =
            $" (at byte {_chunkAt + error.Offset} of the records of the chunk that begins at the offset)";
        Error = error with { Offset = _chunkOffset, Found = error.Found + place };
        _section = Section.Failed;
        return McapDecodeStatus.Error;
    }

    private McapDecodeStatus Fail(McapError error)
    {
        Error = error.In(_position);
        _section = Section.Failed;
        return McapDecodeStatus.Error;
    }

    private McapDecodeStatus NeedInput(string expected, long bytes)
    {
        if (!_inputEnded)
            return McapDecodeStatus.NeedInput;
        int left = _input.Unread.Length;
        string found = left > 0 ? $"the end after {left}" : _position == 0 ? "an empty file" : "the end";
        return Fail(new McapError(
            McapErrorKind.Truncated, left, left == 0 ? expected : $"{bytes} bytes of {expected}", found));
    }

    private string Awaited(McapOpcode opcode) => opcode != McapOpcode.None
        ? $"a {opcode} record"
        : _section switch
        {
            Section.Header => "a Header record",
            Section.Data => "a record of the data section, or DataEnd",
            _ => "a record of the summary, or the Footer",
        };
}
