using System.Buffers;
using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>
/// Takes a chunk over into the recovered file: copied as it is, with new message indexes, when all of it can be kept;
/// message by message when some of it cannot; not at all when its checksum does not vouch for it.
/// </summary>
internal sealed class ChunkRescue(
    SurvivingSummary summary,
    RecoveredDefinitions definitions,
    SkippedList skipped,
    List<McapError> mended,
    IBufferWriter<byte> repair,
    McapRecoveryOptions options,
    CancellationToken cancel)
{
    private readonly ArrayBufferWriter<byte> _body = new(64 * 1024);
    private readonly ChunkSurvey _survey = new(definitions, skipped, options.Limits);
    private readonly ChunkSalvage _salvage = new(definitions, options.Limits, cancel);
    private readonly ListedChunks _listed = new(summary);

    /// <summary>Whether there was a chunk at all.</summary>
    public bool HasMet { get; private set; }

    /// <summary>Whether the walk has lost its way at some point before.</summary>
    public bool IsAfterGap { get; set; }

    public ChunkTaken Take(RecordWalker at, McapWriter writer, PendingLoss pending)
    {
        HasMet = true;
        McapChunkIndex? index = summary.ChunkAt(at.Offset);
        if (!OpenedChunk.TryOpen(at.Content, index, options.Limits, out OpenedChunk? chunk, out McapError error))
            return Skip(at, writer, error.In(at.Offset + McapFormat.RecordPrefixBytes), index, pending);
        using (chunk)
        {
            int recordsBytes = chunk.Records.End.Value - chunk.Records.Start.Value;
            if (!_listed.TryMeet(chunk, at.Bytes, recordsBytes, IsAfterGap, out bool isListed) && index is null)
            {
                error = new McapError(McapErrorKind.UnexpectedRecord, at.Offset, "chunks that the summary lists, once each",
                    isListed ? "one that was there before" : "one that it does not list");
                skipped.Add(at.Offset, at.Bytes, error, 0);
                return ChunkTaken.Skipped;
            }

            _survey.Run(chunk.Plain, at.Offset, chunk.Crc != 0, isListed || index is not null);
            if (_survey.Fault is not null)
                pending.Begin(_survey.Fault, index, _survey.Messages + _survey.MessagesDropped);
            foreach (ushort id in _survey.Channels.Keys)
                definitions.Write(writer, id);
            return _survey.IsWhole && _survey.Messages > 0 ? Copy(at, chunk, writer) : Rewrite(chunk, writer);
        }
    }

    /// <summary>Whether a gap begins with a chunk's opcode; then there was one.</summary>
    public bool BeginsChunk(RecordWalker gap, IMcapSource source)
    {
        Span<byte> first = stackalloc byte[1];
        return HasMet |= source.ReadAt(gap.Offset, first) == 1 && first[0] == (byte)McapOpcode.Chunk;
    }

    /// <summary>What a gap holds of a chunk that the end of the file, or a torn place, cut off.</summary>
    public ChunkTaken SalvageTorn(RecordWalker gap, IMcapSource source, McapWriter writer) =>
        _salvage.TakeTorn(gap, source, writer);

    private ChunkTaken Skip(
        RecordWalker at, McapWriter writer, McapError error, McapChunkIndex? index, PendingLoss pending)
    {
        SkippedList.Entry entry = skipped.Add(at.Offset, at.Bytes, error, null);
        ChunkTaken taken = ChunkTaken.Skipped;
        if (options.SalvageDamagedChunks)
            taken = _salvage.Take(at.Content, writer);
        pending.Begin(entry, index, taken.Messages);
        return taken;
    }

    private ChunkTaken Copy(RecordWalker at, OpenedChunk chunk, McapWriter writer)
    {
        foreach (ushort id in _survey.Defined)
            definitions.Write(writer, id);
        _body.ResetWrittenCount();
        bool isTrue = chunk.StartTime == _survey.StartTime && chunk.EndTime == _survey.EndTime;
        if (!isTrue || chunk.IsByIndex || at.Record[0] != (byte)McapOpcode.Chunk
            || BinaryPrimitives.ReadInt64LittleEndian(at.Record[1..]) != at.Bytes - McapFormat.RecordPrefixBytes)
        {
            WriteChunk(chunk, at.Content[chunk.Records]);
            repair.Write(_body.WrittenSpan);
            Mend(new McapError(McapErrorKind.IndexMismatch, at.Offset, "a chunk header that fits its records",
                isTrue ? "other sizes: the chunk index had the right ones" : "other log times"));
        }
        else if (chunk.Records.End.Value < at.Content.Length)
        {
            // What follows the known fields may be padding, or what a wrong length has swallowed.
            WriteChunk(chunk, at.Content[chunk.Records]);
        }
        else
        {
            _body.Write(at.Record);
        }

        _survey.WriteIndexes(_body);
        writer.WriteChunkBody(_body.WrittenSpan);
        return Taken(ChunkTakenKind.Copied, chunk);
    }

    // The compressed records stay as they are; what stands before them is made anew.
    private void WriteChunk(OpenedChunk chunk, ReadOnlySpan<byte> records)
    {
        int before = McapFormat.ChunkFixedBytes + FieldWriter.TextBytes(chunk.Compression) + 8;
        FieldWriter fields = new(_body.GetSpan(McapFormat.RecordPrefixBytes + before + records.Length));
        fields.Prefix(McapOpcode.Chunk, before + records.Length);
        fields.UInt64(_survey.StartTime);
        fields.UInt64(_survey.EndTime);
        fields.UInt64((ulong)chunk.Plain.Length);
        fields.UInt32(chunk.Crc);
        fields.Text(chunk.Compression);
        fields.UInt64((ulong)records.Length);
        fields.Bytes(records);
        _body.Advance(fields.At);
    }

    // A chunk without messages goes this way too: nothing of it is left but definitions.
    private ChunkTaken Rewrite(OpenedChunk chunk, McapWriter writer)
    {
        foreach (int offset in _survey.MessageOffsets)
        {
            ChunkMessages messages = ChunkBody.Messages(chunk.Plain[offset..]);
            messages.MoveNext();
            McapMessageView message = messages.Current;
            writer.WriteMessage(
                message.ChannelId, message.Sequence, message.LogTime, message.PublishTime, message.Data);
        }

        foreach (Range range in _survey.Privates)
        {
            ReadOnlySpan<byte> record = chunk.Plain[range];
            writer.WritePrivateRecord(record[0], record[McapFormat.RecordPrefixBytes..]);
        }

        ChunkTakenKind kind = _survey.Messages > 0 ? ChunkTakenKind.Rewritten
            : _survey.IsWhole ? ChunkTakenKind.None : ChunkTakenKind.Skipped;
        return Taken(kind, chunk) with { PrivateRecords = _survey.Privates.Count };
    }

    private ChunkTaken Taken(ChunkTakenKind kind, OpenedChunk chunk) => new(kind)
    {
        Channels = _survey.Channels,
        Messages = _survey.Messages,
        IsVouched = chunk.Crc != 0,
    };

    private void Mend(McapError error)
    {
        if (mended.Count < McapRecoveryReport.EntriesMax)
            mended.Add(error);
    }
}
