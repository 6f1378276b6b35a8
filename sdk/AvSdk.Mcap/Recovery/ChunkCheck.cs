using System.Buffers;
using System.Runtime.InteropServices;

namespace AvSdk.Mcap;

/// <summary>A chunk and the message indexes after it: CRC, records, times, and one against the other.</summary>
internal sealed class ChunkCheck(
    CheckedFile file, DefinitionCheck definitions, FindingList findings, McapLimits limits)
{
    private readonly List<Entry> _messages = [];
    private readonly Dictionary<ushort, ulong> _indexOffsets = [];
    private McapChunkIndex? _open;
    private bool _isReadable;
    private ulong _indexBytes;
    private HashSet<ushort> _channels = [];

    public void TakeChunk(ReadOnlySpan<byte> content, long offset, long bytes)
    {
        Begin();
        if (!McapRecordReader.TryParseChunk(content, limits, out McapChunkView chunk, out McapError error))
        {
            Damaged("chunk-header", error.In(offset + McapFormat.RecordPrefixBytes));
            return;
        }

        _open = new McapChunkIndex
        {
            MessageStartTime = chunk.MessageStartTime,
            MessageEndTime = chunk.MessageEndTime,
            ChunkStartOffset = (ulong)offset,
            ChunkLength = (ulong)bytes,
            Compression = chunk.Compression,
            CompressedSize = (ulong)chunk.Records.Length,
            UncompressedSize = chunk.UncompressedSize,
        };
        ChunkSizes sizes = new((long)chunk.UncompressedSize, chunk.UncompressedCrc, chunk.Compression);
        if (!ChunkDecompressor.TryDecompress(
            chunk.Records, sizes, limits, true, out IMemoryOwner<byte>? plain, out error))
        {
            Damaged(error.Kind == McapErrorKind.CrcMismatch ? "chunk-crc" : "chunk-content",
                error with { Offset = offset });
            return;
        }

        file.ChunksWithoutCrc += chunk.UncompressedCrc == 0 && chunk.UncompressedSize > 0 ? 1 : 0;
        using (plain)
            TakeRecords(plain.Memory.Span, offset);
        CheckTimes(chunk, offset);
    }

    public void TakeIndex(ReadOnlySpan<byte> content, long offset, long bytes)
    {
        if (_open is null)
        {
            findings.Error("record-place", Misplaced(offset, "a MessageIndex record after a chunk", "one elsewhere"));
            return;
        }

        _indexBytes += (ulong)bytes;
        if (!McapRecordReader.TryParseMessageIndex(content, out McapMessageIndexView index, out McapError error))
        {
            findings.Error("record-content", error.In(offset + McapFormat.RecordPrefixBytes));
            return;
        }

        if (!_indexOffsets.TryAdd(index.ChannelId, (ulong)offset))
            findings.Mismatch("message-index", offset, "one message index for each channel",
                $"a second one for channel {index.ChannelId}");
        else if (_isReadable)
            Compare(index, offset);
    }

    /// <summary>Something else came: the chunk and its indexes are complete.</summary>
    public void Close()
    {
        if (_open is null)
            return;
        if (_indexOffsets.Count == 0)
        {
            file.ChunksWithoutIndexes += _messages.Count > 0 ? 1 : 0;
        }
        else
        {
            foreach (ushort channelId in _channels.Where(c => !_indexOffsets.ContainsKey(c)).Order())
            {
                findings.Mismatch("message-index", (long)_open.ChunkStartOffset,
                    $"a message index for channel {channelId} after the chunk", "none");
            }
        }

        file.Chunks[_open.ChunkStartOffset] = _open with
        {
            MessageIndexOffsets = new Dictionary<ushort, ulong>(_indexOffsets),
            MessageIndexLength = _indexBytes,
        };
        _open = null;
    }

    private void Begin()
    {
        Close();
        _messages.Clear();
        _channels = [];
        _indexOffsets.Clear();
        _indexBytes = 0;
        _isReadable = true;
    }

    private void TakeRecords(ReadOnlySpan<byte> plain, long offset)
    {
        for (int at = 0; at < plain.Length;)
        {
            McapReadStatus status = McapRecordReader.TryRead(
                plain[at..], limits, out McapRecordView record, out McapError error);
            if (status == McapReadStatus.NeedMore)
            {
                error = new McapError(McapErrorKind.LengthMismatch, 0,
                    $"{record.TotalBytes} bytes of a record within the chunk", $"{plain.Length - at}");
            }

            if (error.IsError)
            {
                Damaged("chunk-records", error with { Offset = offset });
                return;
            }

            if (record.Opcode == McapOpcode.Message)
                TakeMessage(record.Content, at, offset);
            else if (record.Opcode is McapOpcode.Schema or McapOpcode.Channel)
                definitions.Take(record.Opcode, record.Content, offset);
            else if (record.Opcode <= McapOpcode.DataEnd)
                findings.Error("record-place", Misplaced(offset, "records that may stand in a chunk", $"{record.Opcode}"));
            at += (int)record.TotalBytes;
        }
    }

    private void TakeMessage(ReadOnlySpan<byte> content, int at, long offset)
    {
        if (!McapRecordReader.TryParseMessage(content, out McapMessageView message, out McapError error))
        {
            findings.Error("record-content", error with { Offset = offset });
            return;
        }

        if (!file.Channels.ContainsKey(message.ChannelId))
            findings.Error("message-channel", DefinitionErrors.UnknownChannel(message.ChannelId) with { Offset = offset });
        file.AddMessage(message.ChannelId, message.LogTime, offset);
        _channels.Add(message.ChannelId);
        _messages.Add(new Entry(message.ChannelId, message.LogTime, (ulong)at));
    }

    private void CheckTimes(in McapChunkView chunk, long offset)
    {
        if (_messages.Count == 0 || !_isReadable)
            return;
        ulong first = _messages.Min(m => m.LogTime);
        ulong last = _messages.Max(m => m.LogTime);
        if (first < chunk.MessageStartTime || last > chunk.MessageEndTime)
        {
            findings.Mismatch("chunk-times", offset,
                $"log times from {chunk.MessageStartTime} to {chunk.MessageEndTime}, as the chunk says",
                $"{first} to {last}");
        }
    }

    // In the order of their offsets both must be the same; the order in the index is its writer's.
    private void Compare(in McapMessageIndexView index, long offset)
    {
        List<Entry> entries = new(index.Count);
        for (int i = 0; i < index.Count; i++)
            entries.Add(new Entry(index.ChannelId, index[i].LogTime, index[i].Offset));
        entries.Sort();
        int at = 0;
        foreach (ref readonly Entry message in CollectionsMarshal.AsSpan(_messages))
        {
            if (message.ChannelId != index.ChannelId)
                continue;
            if (at == entries.Count || entries[at] != message)
            {
                findings.Mismatch("message-index", offset,
                    $"a message of channel {index.ChannelId} at {message.Offset} of the chunk, log time {message.LogTime}",
                    at == entries.Count ? "no entry for it" : $"an entry for {entries[at].Offset}, {entries[at].LogTime}");
                return;
            }

            at++;
        }

        if (at < entries.Count)
        {
            findings.Mismatch("message-index", offset, $"{at} messages of channel {index.ChannelId}, as in the chunk",
                $"{entries.Count} entries");
        }
    }

    private void Damaged(string code, McapError error)
    {
        findings.Error(code, error);
        file.IsDamaged = true;
        _isReadable = false;
    }

    private static McapError Misplaced(long offset, string expected, string found) =>
        new(McapErrorKind.UnexpectedRecord, offset, expected, found);

    private readonly record struct Entry(ushort ChannelId, ulong LogTime, ulong Offset) : IComparable<Entry>
    {
        public int CompareTo(Entry other) => Offset.CompareTo(other.Offset);
    }
}
