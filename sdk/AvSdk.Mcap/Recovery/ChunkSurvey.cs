using System.Buffers;
using System.Runtime.InteropServices;

namespace AvSdk.Mcap;

/// <summary>
/// What is in a chunk's plain records: which messages can be kept, and whether all of it can, so that the chunk may
/// be copied as it is.
/// </summary>
internal sealed class ChunkSurvey(RecoveredDefinitions definitions, SkippedList skipped, McapLimits limits)
{
    private readonly List<Entry> _entries = [];
    private readonly List<Range> _privates = [];
    private readonly Dictionary<ushort, long> _channels = [];
    private readonly List<ushort> _defined = [];

    /// <summary>Whether nothing in it has to be left out.</summary>
    public bool IsWhole { get; private set; }

    public ulong StartTime { get; private set; }

    public ulong EndTime { get; private set; }

    public int Messages => _entries.Count;

    /// <summary>Where it stops being records; null when it does not.</summary>
    public SkippedList.Entry? Fault { get; private set; }

    /// <summary>Messages that were left out, and that the list of what was skipped knows.</summary>
    public long MessagesDropped { get; private set; }

    /// <summary>Kept messages by channel.</summary>
    public IReadOnlyDictionary<ushort, long> Channels => _channels;

    /// <summary>Channels that it defines; may name one twice.</summary>
    public IReadOnlyList<ushort> Defined => _defined;

    /// <summary>Where the kept messages' records begin, in their order.</summary>
    public IEnumerable<int> MessageOffsets => _entries.ConvertAll(static e => e.Offset);

    /// <summary>Applications' own records.</summary>
    public IReadOnlyList<Range> Privates => _privates;

    /// <summary>Looks through a chunk.</summary>
    /// <param name="plain">Its records.</param>
    /// <param name="offset">File offset of the chunk, for reports.</param>
    /// <param name="isVouched">Whether its CRC vouches for it.</param>
    /// <param name="isListed">Whether the summary lists it.</param>
    public void Run(ReadOnlySpan<byte> plain, long offset, bool isVouched, bool isListed)
    {
        Reset();
        for (int at = 0; at < plain.Length;)
        {
            McapReadStatus status = McapRecordReader.TryRead(
                plain[at..], limits, out McapRecordView record, out McapError error);
            if (status == McapReadStatus.NeedMore)
            {
                error = new McapError(McapErrorKind.LengthMismatch, at, "whole records within the chunk",
                    $"{record.Opcode} of {record.TotalBytes} bytes, with {plain.Length - at} left");
            }

            if (status != McapReadStatus.Ok || !TryTake(record, at, offset, isVouched, isListed, out error))
            {
                IsWhole = false;
                Fault = skipped.Add(offset, plain.Length - at, error with { Offset = offset }, null);
                return;
            }

            at += (int)record.TotalBytes;
        }
    }

    /// <summary>Writes the message indexes of a chunk that is kept whole, in order of channel id.</summary>
    public void WriteIndexes(IBufferWriter<byte> output)
    {
        Span<Entry> entries = CollectionsMarshal.AsSpan(_entries);
        entries.Sort(static (a, b) => a.ChannelId != b.ChannelId
            ? a.ChannelId.CompareTo(b.ChannelId) : a.Offset.CompareTo(b.Offset));
        while (!entries.IsEmpty)
        {
            ushort channelId = entries[0].ChannelId;
            int count = (int)_channels[channelId];
            int contentBytes = McapFormat.IndexFieldBytes + (count * McapFormat.IndexEntryBytes);
            FieldWriter fields = new(output.GetSpan(McapFormat.RecordPrefixBytes + contentBytes));
            fields.Prefix(McapOpcode.MessageIndex, contentBytes);
            fields.UInt16(channelId);
            fields.UInt32((uint)(count * McapFormat.IndexEntryBytes));
            foreach (Entry entry in entries[..count])
            {
                fields.UInt64(entry.LogTime);
                fields.UInt64((ulong)entry.Offset);
            }

            output.Advance(fields.At);
            entries = entries[count..];
        }
    }

    // False: what follows cannot be framed with confidence.
    private bool TryTake(
        in McapRecordView record, int at, long offset, bool isVouched, bool isListed, out McapError error)
    {
        error = default;
        switch (record.Opcode)
        {
            case McapOpcode.Message:
                return TryTakeMessage(record, at, offset, isListed, out error);
            case McapOpcode.Schema:
                if (!McapRecordReader.TryParseSchema(record.Content, limits, out McapSchema schema, out error))
                    return false;
                IsWhole &= definitions.Take(schema, offset, record.TotalBytes);
                return true;
            case McapOpcode.Channel:
                if (!McapRecordReader.TryParseChannel(record.Content, limits, out McapChannel channel, out error))
                    return false;
                bool stays = definitions.Take(channel, offset, record.TotalBytes, isVouched);
                IsWhole &= stays;
                if (stays)
                    _defined.Add(channel.Id);
                return true;
            case > McapOpcode.DataEnd:
                if (RecordShape.IsPrivate(record.Opcode))
                    _privates.Add(at..(at + (int)record.TotalBytes));
                return true;
            default:
                IsWhole = false;
                error = new McapError(McapErrorKind.UnexpectedRecord, offset, "records that may stand in a chunk",
                    $"{record.Opcode}");
                skipped.AddRecord(offset, record.TotalBytes, error, 0);
                error = default;
                return true;
        }
    }

    private bool TryTakeMessage(
        in McapRecordView record, int at, long offset, bool isListed, out McapError error)
    {
        if (!McapRecordReader.TryParseMessage(record.Content, out McapMessageView message, out error))
            return false;
        if (!definitions.Has(message.ChannelId, offset, isListed, out McapError unknown))
        {
            IsWhole = false;
            MessagesDropped++;
            skipped.AddOfChannel(message.ChannelId, offset, record.TotalBytes, unknown, 1);
            return true;
        }

        StartTime = _entries.Count == 0 ? message.LogTime : Math.Min(StartTime, message.LogTime);
        EndTime = _entries.Count == 0 ? message.LogTime : Math.Max(EndTime, message.LogTime);
        _entries.Add(new Entry(message.ChannelId, at, message.LogTime));
        CollectionsMarshal.GetValueRefOrAddDefault(_channels, message.ChannelId, out _)++;
        return true;
    }

    private void Reset()
    {
        _entries.Clear();
        _privates.Clear();
        _channels.Clear();
        _defined.Clear();
        IsWhole = true;
        StartTime = 0;
        EndTime = 0;
        Fault = null;
        MessagesDropped = 0;
    }

    private readonly record struct Entry(ushort ChannelId, int Offset, ulong LogTime);
}
