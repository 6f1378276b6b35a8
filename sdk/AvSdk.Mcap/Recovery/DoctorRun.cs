namespace AvSdk.Mcap;

/// <summary>One check: takes the records and gaps of a walk in turn, then holds what was found against the summary.</summary>
internal sealed class DoctorRun : IDisposable
{
    private const long ProgressBytes = 1 << 20;

    private readonly IMcapSource _source;
    private readonly McapLimits _limits;
    private readonly FindingList _findings;
    private readonly CheckedFile _file = new();
    private readonly DefinitionCheck _definitions;
    private readonly ChunkCheck _chunks;
    private readonly SummaryCheck _summary;
    private readonly RecordWalker _walker;
    private Section _section = Section.Header;
    private long _chunkCount;
    private long _footerEnd;
    private uint _crc;
    private bool _crcIsBroken;
    private bool _endsInGap;

    public DoctorRun(IMcapSource source, McapCheckOptions options, CancellationToken cancel)
    {
        _source = source;
        _limits = options.Limits;
        _findings = new FindingList(options.FindingsPerCodeMax);
        _definitions = new DefinitionCheck(_file, _findings, _limits);
        _chunks = new ChunkCheck(_file, _definitions, _findings, _limits);
        _summary = new SummaryCheck(_file, _findings, _limits);
        _walker = new RecordWalker(source, _limits, SurvivingSummary.Find(source, _limits), cancel);
    }

    private enum Section
    {
        Header,
        Data,
        Summary,
        End,
    }

    public McapCheckReport Run(IProgress<long>? progress, CancellationToken cancel)
    {
        long told = 0;
        _crcIsBroken = !_walker.HasMagic;
        _crc = Crc32.Compute(McapFormat.Magic);
        while (_walker.MoveNext())
        {
            cancel.ThrowIfCancellationRequested();
            if (_walker.IsGap || _walker.Opcode != McapOpcode.MessageIndex)
                _chunks.Close();
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

        _chunks.Close();
        bool isSealed = Finish();
        progress?.Report(_source.Length);
        return _findings.ToReport() with
        {
            IsSealed = isSealed,
            Bytes = _source.Length,
            Messages = (long)_file.MessageCount,
            Chunks = _chunkCount,
        };
    }

    public void Dispose() => _walker.Dispose();

    private void TakeGap()
    {
        _file.IsDamaged = true;
        _crcIsBroken = true;
        _endsInGap = _walker.End == _source.Length;
        _findings.Error(_walker.Offset == 0 && !_walker.HasMagic ? "magic" : "framing", _walker.Error.Offset,
            $"{_walker.Error.Sentence} {_walker.Bytes} bytes from {_walker.Offset} on are no records.",
            _walker.Error.Remedy());
    }

    private void TakeRecord()
    {
        McapOpcode opcode = _walker.Opcode;
        if (opcode is not (McapOpcode.DataEnd or McapOpcode.Footer))
            _crc = _crcIsBroken ? 0 : _walker.AppendTo(_crc);
        if (!IsInPlace(opcode))
        {
            _findings.Error("record-place", new McapError(McapErrorKind.UnexpectedRecord, _walker.Offset,
                $"a record of the {_section} section", $"{opcode}"));
        }

        _section = opcode switch
        {
            McapOpcode.Header when _section == Section.Header => Section.Data,
            McapOpcode.DataEnd => Section.Summary,
            McapOpcode.Footer => Section.End,
            _ when _section == Section.Header => Section.Data,
            _ => _section,
        };
        if (_section == Section.Data)
            TakeData(opcode);
        else
            TakeTail(opcode);
    }

    private bool IsInPlace(McapOpcode opcode) => _section switch
    {
        Section.Header => opcode == McapOpcode.Header,
        Section.Data => opcode is not (McapOpcode.Header or McapOpcode.Footer or McapOpcode.ChunkIndex
            or McapOpcode.AttachmentIndex or McapOpcode.MetadataIndex or McapOpcode.Statistics
            or McapOpcode.SummaryOffset),
        Section.Summary => opcode is not (McapOpcode.Header or McapOpcode.Message or McapOpcode.Chunk
            or McapOpcode.MessageIndex or McapOpcode.Attachment or McapOpcode.Metadata or McapOpcode.DataEnd),
        _ => false,
    };

    private void TakeData(McapOpcode opcode)
    {
        switch (opcode)
        {
            case McapOpcode.Header:
                if (!McapRecordReader.TryParseHeader(_walker.Content, _limits, out _, out McapError error))
                    Content(error);
                break;
            case McapOpcode.Schema or McapOpcode.Channel:
                _definitions.Take(opcode, _walker.Content, _walker.Offset);
                break;
            case McapOpcode.Message:
                TakeMessage();
                break;
            case McapOpcode.Chunk:
                _chunkCount++;
                _chunks.TakeChunk(_walker.Content, _walker.Offset, _walker.Bytes);
                break;
            case McapOpcode.MessageIndex:
                _chunks.TakeIndex(_walker.Content, _walker.Offset, _walker.Bytes);
                break;
            case McapOpcode.Attachment:
                TakeAttachment();
                break;
            case McapOpcode.Metadata:
                TakeMetadata();
                break;
            case > McapOpcode.DataEnd when !RecordShape.IsPrivate(opcode):
                _findings.Warning("reserved-opcode", _walker.Offset,
                    $"The record at byte {_walker.Offset} has opcode {(byte)opcode}, which the specification reserves.",
                    "Readers skip it; an application's own records have opcodes from 128.");
                break;
            default:
                break;
        }
    }

    private void TakeTail(McapOpcode opcode)
    {
        switch (opcode)
        {
            case McapOpcode.DataEnd:
                TakeDataEnd();
                break;
            case McapOpcode.Footer:
                if (!McapRecordReader.TryParseFooter(_walker.Content, out McapFooter footer, out McapError error))
                {
                    Content(error);
                    break;
                }

                _footerEnd = _walker.End;
                uint crc = Crc32.Append(_crc, _walker.Record[..(McapFormat.FooterRecordBytes - 4)]);
                _summary.TakeFooter(_crcIsBroken ? footer with { SummaryCrc = crc } : footer, _walker.Offset, crc);
                break;
            default:
                if (_section == Section.Summary)
                    _summary.Take(opcode, _walker.Content, _walker.Offset, _walker.Bytes);
                break;
        }
    }

    private void TakeMessage()
    {
        if (!McapRecordReader.TryParseMessage(_walker.Content, out McapMessageView message, out McapError error))
        {
            Content(error);
            return;
        }

        if (!_file.Channels.ContainsKey(message.ChannelId))
        {
            _findings.Error("message-channel",
                DefinitionErrors.UnknownChannel(message.ChannelId) with { Offset = _walker.Offset });
        }

        _file.LooseMessages++;
        _file.AddMessage(message.ChannelId, message.LogTime, _walker.Offset);
    }

    private void TakeAttachment()
    {
        if (!_walker.TryReadAttachment(out AttachmentCheck attachment, out McapError error))
        {
            _file.IsDamaged = true;
            _findings.Error(error.Kind == McapErrorKind.CrcMismatch ? "attachment-crc" : "record-content", error);
            return;
        }

        if (attachment.StoredCrc == 0)
        {
            _findings.Warning("attachment-no-crc", _walker.Offset,
                $"Attachment \"{attachment.Head.Name}\" has no CRC: damage in it goes unnoticed.", "Write it with its CRC.");
        }

        _file.Attachments[(ulong)_walker.Offset] = attachment.Index;
    }

    private void TakeMetadata()
    {
        if (McapRecordReader.TryParseMetadata(_walker.Content, _limits, out McapMetadata metadata, out McapError error))
        {
            _file.Metadata[(ulong)_walker.Offset] =
                new McapMetadataIndex((ulong)_walker.Offset, (ulong)_walker.Bytes, metadata.Name);
        }
        else
        {
            Content(error);
        }
    }

    private void TakeDataEnd()
    {
        if (!McapRecordReader.TryParseDataEnd(_walker.Content, out uint stored, out McapError error))
        {
            Content(error);
        }
        else if (stored != 0 && !_crcIsBroken && stored != _crc)
        {
            _findings.Error("data-crc", new McapError(McapErrorKind.CrcMismatch, _walker.Offset,
                $"a data section with CRC-32 {stored:x8}", $"{_crc:x8}"));
        }
        else if (stored == 0 && _file.LooseMessages > 0)
        {
            _findings.Warning("data-no-crc", _walker.Offset,
                "The data section has no CRC: damage in its records outside of chunks goes unnoticed.",
                "Write the file again, or recover it, which gives it one.");
        }

        // From here on it is the summary's.
        _crc = 0;
        _crcIsBroken = false;
    }

    private void Content(McapError error)
    {
        _file.IsDamaged = true;
        _findings.Error("record-content", error.In(_walker.Offset + McapFormat.RecordPrefixBytes));
    }

    private bool Finish()
    {
        long length = _source.Length;
        if (length == 0)
        {
            _findings.Error("magic", new McapError(McapErrorKind.Truncated, 0, "the magic of an MCAP file",
                "an empty file"));
        }

        bool isSealed = !_endsInGap && _footerEnd > 0 && _footerEnd + McapFormat.MagicBytes == length;
        if (isSealed)
        {
            _summary.Finish();
        }
        else if (_section is Section.Summary or Section.End)
        {
            _findings.Error("footer", new McapError(McapErrorKind.Truncated, length,
                _footerEnd > 0 ? "the magic after the footer, and nothing after it" : "the Footer and the magic",
                _footerEnd > 0 && _footerEnd + McapFormat.MagicBytes < length ? "more bytes" : "the end of the file"));
        }

        FileAdvice.Give(_file, _summary, isSealed, _findings);
        return isSealed;
    }
}
