using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Recording.Spool;

/// <summary>The bytes of a journal; see <see cref="SpoolJournal"/> for the layout.</summary>
internal static class JournalCodec
{
    public const int RecordBytesMax = 1 << 20;

    public static ReadOnlySpan<byte> Magic => "AVJRNL1\n"u8;

    public static void Write(JournalRecord record, IBufferWriter<byte> output)
    {
        ArrayBufferWriter<byte> content = new(128);
        switch (record)
        {
            case JournalRecord.Started started:
                Begin(content, 1);
                content.Write(started.Recording.ToByteArray());
                break;
            case JournalRecord.Ended ended:
                Begin(content, 2);
                content.Write(ended.End.ToByteArray());
                break;
            case JournalRecord.EndTold told:
                Begin(content, 3);
                Write(content, told.RecordingId);
                break;
            case JournalRecord.ChunksEnded chunks:
                Write(content, chunks);
                break;
            case JournalRecord.Position position:
                Begin(content, 5);
                Write(content, (ulong)position.UnixMilliseconds);
                content.Write(position.Source.ToByteArray());
                break;
            case JournalRecord.Forgotten forgotten:
                Begin(content, 6);
                Write(content, forgotten.RecordingId);
                break;
            case JournalRecord.Marked marked:
                Begin(content, 8);
                Write(content, marked.MarkId);
                Write(content, marked.First);
                Write(content, marked.Last);
                break;
            case JournalRecord.Unmarked unmarked:
                Begin(content, 9);
                Write(content, unmarked.MarkId);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(record));
        }

        CheckedFrame.Write(content.WrittenSpan, output);
    }

    /// <summary>
    /// The record at the start of <paramref name="input"/> and the bytes it takes. False: it is torn or
    /// damaged. A record of a kind that this version does not know is null.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> input, out JournalRecord? record, out int bytes)
    {
        record = null;
        if (!CheckedFrame.TryRead(input, RecordBytesMax, out ReadOnlySpan<byte> content, out bytes))
            return false;
        return TryParse(content[0], content[1..], out record);
    }

    private static bool TryParse(byte kind, ReadOnlySpan<byte> content, out JournalRecord? record)
    {
        record = null;
        try
        {
            record = kind switch
            {
                1 => new JournalRecord.Started(RecordingInfo.Parser.ParseFrom(content)),
                2 => new JournalRecord.Ended(RecordingEnd.Parser.ParseFrom(content)),
                3 => new JournalRecord.EndTold(ReadGuid(content)),
                4 => new JournalRecord.ChunksEnded(
                    ReadGuid(content), Encoding.UTF8.GetString(content[33..]), (ChunkEnd)content[16],
                    BinaryPrimitives.ReadUInt64LittleEndian(content[17..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(content[25..])),
                5 => new JournalRecord.Position(
                    SourcePosition.Parser.ParseFrom(content[8..]), BinaryPrimitives.ReadInt64LittleEndian(content)),
                6 => new JournalRecord.Forgotten(ReadGuid(content)),
                7 => ReadReasoned(content),
                8 => new JournalRecord.Marked(
                    ReadGuid(content), BinaryPrimitives.ReadUInt64LittleEndian(content[16..]),
                    BinaryPrimitives.ReadUInt64LittleEndian(content[24..])),
                9 => new JournalRecord.Unmarked(ReadGuid(content)),
                _ => null,
            };
            return true;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException)
        {
            return false;
        }
    }

    // Kind 7 is kind 4 with a reason: a byte with its length, then it, stand before the lane.
    private static void Write(ArrayBufferWriter<byte> content, JournalRecord.ChunksEnded chunks)
    {
        byte[] reason = Encoding.UTF8.GetBytes(chunks.Reason);
        Begin(content, (byte)(reason.Length == 0 ? 4 : 7));
        Write(content, chunks.RecordingId);
        content.Write([(byte)chunks.End]);
        Write(content, chunks.First);
        Write(content, chunks.Last);
        if (reason.Length > 0)
        {
            content.Write([checked((byte)reason.Length)]);
            content.Write(reason);
        }

        content.Write(Encoding.UTF8.GetBytes(chunks.Lane));
    }

    private static JournalRecord.ChunksEnded ReadReasoned(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> rest = content[33..];
        int reasonBytes = rest[..1][0];
        return new JournalRecord.ChunksEnded(
            ReadGuid(content), Encoding.UTF8.GetString(rest[(1 + reasonBytes)..]), (ChunkEnd)content[16],
            BinaryPrimitives.ReadUInt64LittleEndian(content[17..]),
            BinaryPrimitives.ReadUInt64LittleEndian(content[25..]),
            Encoding.UTF8.GetString(rest.Slice(1, reasonBytes)));
    }

    private static void Begin(ArrayBufferWriter<byte> content, byte kind) => content.Write([kind]);

    private static void Write(ArrayBufferWriter<byte> content, Guid id)
    {
        id.TryWriteBytes(content.GetSpan(16), bigEndian: true, out _);
        content.Advance(16);
    }

    private static void Write(ArrayBufferWriter<byte> content, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(content.GetSpan(8), value);
        content.Advance(8);
    }

    private static Guid ReadGuid(ReadOnlySpan<byte> content) => new(content[..16], bigEndian: true);
}
