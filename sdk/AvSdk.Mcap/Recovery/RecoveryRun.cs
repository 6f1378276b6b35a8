using System.Buffers;

namespace AvSdk.Mcap;

/// <summary>
/// One recovery: takes the records and gaps of a walk in turn and writes what can be vouched for.
/// </summary>
/// <remarks>
/// <para>A chunk vouches for itself by its CRC, an attachment too. Records outside of chunks have no checksum but the
/// data section's, which comes last: they are vouched for by standing in an unbroken row of records from the file's
/// beginning.</para>
/// <para>After a gap, a record that may as well stand within a chunk (a message, a definition, a private one) is not
/// taken in a file with chunks, since it may be the inside of a damaged one, until a record came that cannot. Where the
/// summary lists no chunk, none came before and the gap does not begin with one it is taken: there the run of records
/// after the gap is all there is to go by.</para>
/// </remarks>
internal sealed partial class RecoveryRun : IDisposable
{
    private const long ProgressBytes = 1 << 20;

    // The attachment's CRC was checked by then.
    private static readonly McapReadOptions s_unchecked = new() { CheckCrcs = false };

    private readonly IMcapSource _source;
    private readonly IMcapSink _sink;
    private readonly McapRecoveryOptions _options;
    private readonly SurvivingSummary _summary;
    private readonly RecordWalker _walker;
    private readonly SkippedList _skipped = new();
    private readonly List<McapError> _mended = [];
    private readonly RecoveredDefinitions _definitions;
    private readonly PendingLoss _pending;
    private readonly ChunkRescue _chunks;
    private readonly RecoveryTally _tally = new();
    private readonly ArrayBufferWriter<byte> _repair = new();
    private McapWriter? _writer;
    private uint _crc;
    private bool _crcIsBroken;
    private bool _isInSummary;
    private bool _isTrusted = true;
    private bool _hasDataEnd;
    private bool _hasFooter;

    public RecoveryRun(
        IMcapSource source, IMcapSink sink, McapRecoveryOptions options, CancellationToken cancel)
    {
        _source = source;
        _sink = sink;
        _options = options;
        _summary = SurvivingSummary.Find(source, options.Limits);
        _walker = new RecordWalker(source, options.Limits, _summary, cancel);
        _definitions = new RecoveredDefinitions(
            _summary, new DataSectionCheck(source, _summary, cancel), _skipped, _mended, _repair);
        _pending = new PendingLoss(_skipped);
        _chunks = new ChunkRescue(_summary, _definitions, _skipped, _mended, _repair, options, cancel);
    }

    public McapRecoveryReport Run(IProgress<long>? progress, CancellationToken cancel)
    {
        long told = 0;
        if (_walker.HasMagic)
            _crc = Crc32.Compute(McapFormat.Magic);
        else
            _crcIsBroken = true;
        while (_walker.MoveNext())
        {
            cancel.ThrowIfCancellationRequested();
            _pending.Take(_walker);
            if (_walker.IsGap)
                TakeGap();
            else
                TakeRecord();
            if (_walker.End - told >= ProgressBytes)
            {
                told = _walker.End;
                progress?.Report(told);
            }
        }

        Finish();
        progress?.Report(_source.Length);
        return Report();
    }

    public void Dispose()
    {
        _walker.Dispose();
        _writer?.Dispose();
    }

    private void TakeGap()
    {
        _crcIsBroken = true;
        _chunks.IsAfterGap = true;
        _isTrusted = !_chunks.HasMet && !_chunks.BeginsChunk(_walker, _source) && _summary.Chunks.Count == 0;
        bool isAll = _walker.Offset == 0 && _walker.End == _source.Length;
        if (isAll && !_walker.HasMagic)
            throw new McapException(_walker.Error);
        _skipped.Add(_walker.Offset, _walker.Bytes, _walker.Error, null);
        if (_options.SalvageDamagedChunks)
            _tally.Add(_chunks.SalvageTorn(_walker, _source, Writer()));
    }

    private void TakeRecord()
    {
        McapOpcode opcode = _walker.Opcode;
        _repair.ResetWrittenCount();
        if (RecordShape.MayBeInChunk(opcode))
            TakeLoose(opcode);
        else
            TakeOther(opcode);

        // As it should have been: if the CRC is then right, what was mended was mended rightly.
        if (!_isInSummary && !_crcIsBroken)
            _crc = _repair.WrittenCount > 0 ? Crc32.Append(_crc, _repair.WrittenSpan) : _walker.AppendTo(_crc);
    }

    private void TakeOther(McapOpcode opcode)
    {
        _isTrusted = true;
        switch (opcode)
        {
            case McapOpcode.Header:
                TakeHeader();
                break;
            case McapOpcode.Chunk:
                TakeChunk();
                break;
            case McapOpcode.Attachment:
                TakeAttachment();
                break;
            case McapOpcode.Metadata:
                TakeMetadata();
                break;
            case McapOpcode.DataEnd:
                TakeDataEnd();
                break;
            case McapOpcode.MessageIndex:
                break;
            default:
                TakeOfSummary(opcode);
                break;
        }
    }

    // What stands in a summary. Elsewhere it may be anything whose opcode was hit.
    private void TakeOfSummary(McapOpcode opcode)
    {
        _hasFooter |= opcode == McapOpcode.Footer;
        _isInSummary |= _hasFooter || _walker.Offset >= _summary.Start;
        if (_isInSummary)
            return;
        _skipped.Add(_walker.Offset, _walker.Bytes, new McapError(McapErrorKind.UnexpectedRecord, _walker.Offset,
            "a record of the data section", $"{opcode}"), null);
    }

    private void TakeChunk()
    {
        ChunkTaken taken = _chunks.Take(_walker, Writer(), _pending);
        _tally.Add(taken);
        _isInSummary &= taken is not { IsVouched: true, Messages: > 0 };
    }

    private void TakeHeader()
    {
        if (!McapRecordReader.TryParseHeader(
            _walker.Content, _options.Limits, out McapHeader header, out McapError error))
        {
            Skip(error);
        }
        else if (_writer is null)
        {
            Begin(header);
        }

        // Another file may follow the first: what it defines otherwise makes the ids ambiguous.
        _isInSummary &= !_hasFooter;
    }

    private void TakeAttachment()
    {
        if (!_walker.TryReadAttachment(out AttachmentCheck attachment, out McapError error))
        {
            _skipped.Add(_walker.Offset, _walker.Bytes, error, 0);
        }
        else if (!IsOwn(_summary.ListsAttachment(attachment.Index), out error))
        {
            Skip(error);
        }
        else
        {
            AttachmentHead head = attachment.Head;
            using AttachmentStream data = new(_source, attachment.Index, s_unchecked);
            Writer().WriteAttachment(
                head.Name, head.MediaType, head.LogTime, head.CreateTime, data, (long)head.DataBytes);
            _tally.Attachments++;
        }
    }

    private void TakeMetadata()
    {
        if (McapRecordReader.TryParseMetadata(
            _walker.Content, _options.Limits, out McapMetadata metadata, out McapError error)
            && IsOwn(_summary.ListsMetadata(metadata, _walker.Bytes), out error))
        {
            Writer().WriteMetadata(metadata);
            _tally.Metadata++;
        }
        else
        {
            Skip(error);
        }
    }

    // After a gap the walk may be within a damaged attachment that holds another file.
    private bool IsOwn(bool isListed, out McapError error)
    {
        error = default;
        if (!isListed && _chunks.IsAfterGap)
        {
            error = new McapError(McapErrorKind.UnexpectedRecord, -McapFormat.RecordPrefixBytes,
                "records that the summary lists", "one that it does not");
        }

        return !error.IsError;
    }

    private void TakeDataEnd()
    {
        _isInSummary = true;
        _hasDataEnd = true;
        if (!McapRecordReader.TryParseDataEnd(_walker.Content, out uint stored, out _) || stored == 0 || _crcIsBroken)
            return;
        _crcIsBroken = true;
        if (stored == _crc)
            _tally.VouchForLoose();
        if (_tally.LooseIsVouched || _skipped.Count > 0)
            return;
        McapError error = new(McapErrorKind.CrcMismatch, _walker.Offset + McapFormat.RecordPrefixBytes,
            $"a data section with CRC-32 {stored:x8}", $"{_crc:x8}");
        _skipped.Add(_walker.Offset, 0, error, null);
    }

    private McapWriter Writer()
    {
        if (_writer is null)
        {
            _mended.Add(new McapError(McapErrorKind.UnexpectedRecord, McapFormat.MagicBytes, "a Header record",
                "none: one without profile was written"));
            Begin(new McapHeader("", new McapWriterOptions().Library));
        }

        return _writer!;
    }

    private void Begin(McapHeader header) => _writer = new McapWriter(_sink, new McapWriterOptions
    {
        Profile = header.Profile,
        Library = header.Library,
        ChunkBytes = Math.Max(1, _options.ChunkBytes),
        Compression = _options.Compression,
        FinishOnDispose = false,
        Limits = _options.Limits,
    });

    private void Finish()
    {
        if (_source.Length == 0)
        {
            throw new McapException(new McapError(McapErrorKind.Truncated, 0, "the magic of an MCAP file",
                "an empty file"));
        }

        if (_summary.IsSealed && !_hasDataEnd && _skipped.Count == 0)
        {
            _skipped.Add(_summary.Start, 0, new McapError(McapErrorKind.UnexpectedRecord, _summary.Start,
                "a DataEnd record before the summary", "none"), null);
        }

        if (Stated is long stated && stated > _tally.MessagesRecovered && _skipped.Count == 0)
        {
            _skipped.Add(_summary.Start, 0, new McapError(McapErrorKind.IndexMismatch, _summary.Start,
                $"{stated} messages, as the statistics say", $"{_tally.MessagesRecovered}"), null);
        }

        McapWriter writer = Writer();
        _definitions.WriteRest(writer);
        writer.Finish();
    }

    // Messages by statistics that are certainly this file's.
    private long? Stated => _summary.IsVouched && !_summary.IsShifted ? (long?)_summary.Statistics?.MessageCount : null;

    private McapRecoveryReport Report()
    {
        // The entries of the list tell each its own; whether they are all that is lost, only a checksum can say.
        long? lost = _tally.LooseIsVouched ? _skipped.Messages : null;
        if (Stated is long stated && stated >= _tally.MessagesRecovered)
            lost = stated - _tally.MessagesRecovered;
        return _tally.ToReport(_definitions.Channels) with
        {
            WasSealed = _summary.IsSealed,
            BytesRead = _source.Length,
            BytesWritten = _sink.Position,
            MessagesLost = lost,
            Skipped = _skipped.ToList(),
            SkippedCount = _skipped.Count,
            BytesSkipped = _skipped.Bytes,
            Mended = _mended,
        };
    }
}
