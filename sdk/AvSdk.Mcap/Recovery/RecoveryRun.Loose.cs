namespace AvSdk.Mcap;

/// <content>Records outside of chunks that may also stand in one: messages, definitions, private records.</content>
internal sealed partial class RecoveryRun
{
    // What may also stand in a chunk: a message, a definition, an application's own record.
    private void TakeLoose(McapOpcode opcode)
    {
        if (_isInSummary && opcode != McapOpcode.Message && !RecordShape.IsPrivate(opcode))
            return;
        bool salvages = _options.SalvageDamagedChunks;
        if (_isInSummary && opcode == McapOpcode.Message && _tally.LooseIsVouched)
            return;
        if ((!_isTrusted && !salvages) || (_isInSummary && opcode == McapOpcode.Message))
        {
            McapError error = new(McapErrorKind.UnexpectedRecord, _walker.Offset, "records whose place is known",
                $"{opcode}, which may be the inside of a damaged chunk or of an older file");
            _skipped.AddRecord(_walker.Offset, _walker.Bytes, error, opcode == McapOpcode.Message ? 1 : 0);
            return;
        }

        _ = opcode switch
        {
            McapOpcode.Schema => TryTakeSchema(out McapError error) || Skip(error),
            McapOpcode.Channel => TryTakeChannel(out McapError error) || Skip(error),
            McapOpcode.Message => TryTakeMessage(out McapError error) || Skip(error),
            _ => TryTakePrivate(opcode, out McapError error) || Skip(error),
        };
    }

    private bool TryTakeSchema(out McapError error)
    {
        bool parsed = McapRecordReader.TryParseSchema(
            _walker.Content, _options.Limits, out McapSchema schema, out error);
        if (parsed)
            _definitions.Take(schema, _walker.Offset, _walker.Bytes);
        return parsed;
    }

    private bool TryTakeChannel(out McapError error)
    {
        bool parsed = McapRecordReader.TryParseChannel(
            _walker.Content, _options.Limits, out McapChannel channel, out error);
        if (parsed)
            _definitions.Take(channel, _walker.Offset, _walker.Bytes, isVouched: false);
        return parsed;
    }

    private bool TryTakeMessage(out McapError error)
    {
        if (!McapRecordReader.TryParseMessage(_walker.Content, out McapMessageView message, out error))
            return false;
        if (!_definitions.Has(message.ChannelId, _walker.Offset, isListed: false, out McapError unknown))
        {
            _skipped.AddOfChannel(message.ChannelId, _walker.Offset, _walker.Bytes, unknown, 1);
            return true;
        }

        McapWriter writer = Writer();
        _definitions.Write(writer, message.ChannelId);
        writer.WriteMessage(
            message.ChannelId, message.Sequence, message.LogTime, message.PublishTime, message.Data);
        _tally.AddLoose(message.ChannelId, isSalvaged: !_isTrusted);
        return true;
    }

    private bool TryTakePrivate(McapOpcode opcode, out McapError error)
    {
        error = default;
        if (!RecordShape.IsPrivate(opcode))
        {
            error = new McapError(McapErrorKind.UnexpectedRecord, -McapFormat.RecordPrefixBytes,
                "an opcode that the specification knows", $"opcode {(byte)opcode}, which it reserves");
            return false;
        }

        Writer().WritePrivateRecord((byte)opcode, _walker.Content);
        _tally.PrivateRecords++;
        return true;
    }

    private bool Skip(McapError error)
    {
        error = error.In(_walker.Offset + McapFormat.RecordPrefixBytes);
        if (RecordShape.IsSpecified(_walker.Opcode))
            _skipped.AddRecord(_walker.Offset, _walker.Bytes, error, _walker.Opcode == McapOpcode.Message ? 1 : 0);
        else
            _skipped.Add(_walker.Offset, _walker.Bytes, error, null);
        return false;
    }
}
