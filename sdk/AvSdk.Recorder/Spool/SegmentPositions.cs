using System.Buffers.Binary;
using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Recording.Spool;

/// <summary>
/// How far sources had come with a segment's chunks, in the last record before its end: of a segment that has it, clients
/// need not wait until every chunk was looked at. See <see cref="SegmentFormat"/>.
/// </summary>
internal sealed class SegmentPositions(ByteString recordingId, string lane)
{
    private const int PrefixBytes = 9;
    private const int DataEndBytes = PrefixBytes + 4;
    private const int FooterBytes = PrefixBytes + 20;
    private const byte FooterOpcode = 0x02;
    private const byte DataEndOpcode = 0x0F;
    private const int WindowBytes = 16 << 10;
    private const int RecordBytesMax = 1 << 20;
    private const uint Flushed = 1;

    private readonly Dictionary<(ByteString Source, string Topic), ulong> _positions = [];
    private ulong _lastSequence;

    private static ReadOnlySpan<byte> Magic => [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A];

    /// <summary>A chunk's record is in the segment.</summary>
    public void Add(ChunkRecord record)
    {
        _lastSequence = Math.Max(_lastSequence, record.Header.Ref.Sequence);
        foreach (SourcePosition position in record.Positions)
        {
            (ByteString, string) key = (position.SourceId, position.Topic);
            _positions[key] = Math.Max(_positions.GetValueOrDefault(key), position.Messages);
        }
    }

    /// <summary>The record's content.</summary>
    /// <param name="isFlushed">All that stands before it in the file is durable already.</param>
    public byte[] ToContent(bool isFlushed)
    {
        ChunkRecord record = new()
        {
            Header = new ChunkHeader { Ref = new ChunkRef { RecordingId = recordingId, Lane = lane, Sequence = _lastSequence } },
            End = isFlushed ? Flushed : 0,
        };
        foreach (((ByteString source, string topic), ulong messages) in _positions)
            record.Positions.Add(new SourcePosition { SourceId = source, Topic = topic, Messages = messages });
        byte[] bytes = RecordCheck.Seal(record, static _ => null);
        byte[] content = new byte[bytes.Length + sizeof(uint)];
        bytes.CopyTo(content, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(bytes.Length), (uint)bytes.Length);
        return content;
    }

    /// <summary>
    /// The positions of a segment that has such a record and was not superseded, after what it tells of was made durable.
    /// Null: every chunk is to be looked at.
    /// </summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static IEnumerable<SourcePosition>? TryRead(ISpoolFile file, SegmentName name, ulong supersededFrom)
    {
        if (TryRead(file) is not { } record
            || record.Header.Ref.RecordingId != RecordingIds.ToBytes(name.RecordingId)
            || record.Header.Ref.Lane != name.Lane
            || record.Header.Ref.Sequence < name.FirstSequence
            || record.Header.Ref.Sequence >= supersededFrom)
        {
            return null;
        }

        // Whoever wrote it may have been killed before it was flushed.
        if (record.End != Flushed)
            file.Flush();
        return record.Positions;
    }

    private static ChunkRecord? TryRead(ISpoolFile file)
    {
        Span<byte> footer = stackalloc byte[FooterBytes + 8];
        long footerAt = file.LengthBytes - footer.Length;
        if (footerAt < 0 || file.Read(footerAt, footer) < footer.Length || footer[0] != FooterOpcode
            || !footer[FooterBytes..].SequenceEqual(Magic))
        {
            return null;
        }

        ulong summaryAt = BinaryPrimitives.ReadUInt64LittleEndian(footer[PrefixBytes..]);
        long end = summaryAt == 0 ? footerAt : (long)Math.Min(summaryAt, (ulong)footerAt);
        int windowBytes = (int)Math.Min(end, WindowBytes);
        byte[] window = new byte[windowBytes];
        if (file.Read(end - windowBytes, window) < windowBytes || windowBytes < DataEndBytes + sizeof(uint)
            || window[^DataEndBytes] != DataEndOpcode)
        {
            return null;
        }

        uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(window.AsSpan(windowBytes - DataEndBytes - sizeof(uint)));
        long recordBytes = PrefixBytes + (long)bytes + sizeof(uint);
        long at = end - DataEndBytes - recordBytes;
        if (bytes > RecordBytesMax || at < 0)
            return null;
        byte[] whole = new byte[recordBytes];
        if (file.Read(at, whole) < whole.Length || whole[0] != SegmentFormat.PositionsOpcode
            || BinaryPrimitives.ReadUInt64LittleEndian(whole.AsSpan(1)) != (ulong)recordBytes - PrefixBytes)
        {
            return null;
        }

        return RecordCheck.TryOpen(whole.AsSpan(PrefixBytes, (int)bytes), static _ => null);
    }
}
