using System.Buffers;
using System.Buffers.Binary;
using AvSdk.Mcap;

namespace AvSdk.Ingestion;

/// <summary>
/// One whole record of a stream. <see cref="Bytes"/> is the record with opcode and length,
/// <see cref="Content"/> what follows them; borrowed until the parser's next call.
/// </summary>
internal readonly record struct IngestRecord(
    byte Opcode, long Offset, ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Content);

internal enum IngestRead
{
    /// <summary>The bytes at hand hold no further whole record.</summary>
    NeedMore,

    /// <summary>A record.</summary>
    Record,

    /// <summary>The stream is bad from here on; the error says where and why.</summary>
    Error,
}

/// <summary>
/// Cuts an MCAP record stream into records, however its bytes arrive. Sans-I/O: the caller reads into
/// <see cref="GetMemory"/>, tells with <see cref="Advance"/>, and takes records until there are no more.
/// </summary>
/// <remarks>
/// The stream is <c>magic, records…</c>, as any MCAP writer makes it; after a Footer comes the closing magic,
/// and then nothing or another such stream (<see cref="IngestRecord.Opcode"/> Header begins it). Records that
/// say nothing about messages (indexes, statistics, attachments, metadata, DataEnd) are passed over without
/// being held, whatever their length. Memory: what the record at hand needs, up to the limit, grown as its
/// bytes arrive and never by its word.
/// </remarks>
internal sealed class IngestStreamParser : IDisposable
{
    private const int MagicBytes = 8;
    private const int PrefixBytes = 9;
    private const int ReadBytesMin = 16 << 10;

    private readonly McapLimits _limits;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private long _startOffset;
    private long _skip;
    private Expectation _expectation = Expectation.Magic;

    /// <param name="limits">The longest record taken.</param>
    /// <param name="bufferBytes">To begin with.</param>
    public IngestStreamParser(McapLimits limits, int bufferBytes = 256 << 10)
    {
        _limits = limits;
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(bufferBytes, ReadBytesMin));
    }

    private enum Expectation
    {
        Magic,
        Record,
        ClosingMagic,
    }

    /// <summary>
    /// What is wrong, after <see cref="IngestRead.Error"/>; the offset counts from the stream's start.
    /// </summary>
    public McapError Error { get; private set; }

    /// <summary>Bytes taken so far, whole records and not.</summary>
    public long BytesReceived => _startOffset + (_end - _start);

    /// <summary>True if the stream may end here: between two records.</summary>
    public bool IsAtBoundary => _skip == 0 && _start == _end;

    /// <summary>Where the next bytes go; at least 16 KiB. Ends what was borrowed.</summary>
    public Memory<byte> GetMemory()
    {
        if (_start == _end)
            (_start, _end) = (0, 0);
        if (_buffer.Length - _end < ReadBytesMin)
            MakeRoom();
        return _buffer.AsMemory(_end);
    }

    /// <summary>Says how many bytes were put there.</summary>
    public void Advance(int bytes) => _end += bytes;

    /// <summary>The next record. Ends what was borrowed.</summary>
    public IngestRead TryRead(out IngestRecord record)
    {
        record = default;
        while (true)
        {
            if (Error.IsError)
                return IngestRead.Error;
            if (_skip > 0 && !Skip())
                return IngestRead.NeedMore;
            if (_expectation != Expectation.Record)
            {
                if (!TryReadMagic())
                    return Error.IsError ? IngestRead.Error : IngestRead.NeedMore;
                continue;
            }

            if (BeginSkip())
                continue;
            McapReadStatus status = McapRecordReader.TryRead(
                _buffer.AsSpan(_start, _end - _start), _limits, out McapRecordView view, out McapError error);
            if (status == McapReadStatus.NeedMore)
                return IngestRead.NeedMore;
            if (status == McapReadStatus.Error)
            {
                Error = error.In(_startOffset);
                return IngestRead.Error;
            }

            record = Take((byte)view.Opcode, (int)view.TotalBytes);
            if (view.Opcode != McapOpcode.Footer)
                return IngestRead.Record;
            _expectation = Expectation.ClosingMagic;
        }
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        (_start, _end) = (0, 0);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private IngestRecord Take(byte opcode, int totalBytes)
    {
        ReadOnlyMemory<byte> bytes = _buffer.AsMemory(_start, totalBytes);
        IngestRecord record = new(opcode, _startOffset, bytes, bytes[PrefixBytes..]);
        Consume(totalBytes);
        return record;
    }

    private bool TryReadMagic()
    {
        McapReadStatus status =
            McapRecordReader.TryReadMagic(_buffer.AsSpan(_start, _end - _start), out McapError error);
        if (status == McapReadStatus.Error)
            Error = error.In(_startOffset);
        if (status != McapReadStatus.Ok)
            return false;
        Consume(MagicBytes);
        _expectation = _expectation == Expectation.ClosingMagic ? Expectation.Magic : Expectation.Record;
        return true;
    }

    // A record that is of no interest is not held, so that it may be longer than the limit.
    private bool BeginSkip()
    {
        if (_end - _start < PrefixBytes || !IsOfNoInterest((McapOpcode)_buffer[_start]))
            return false;
        ulong contentBytes = BinaryPrimitives.ReadUInt64LittleEndian(_buffer.AsSpan(_start + 1));
        if (contentBytes > long.MaxValue - PrefixBytes)
            return false;
        _skip = (long)contentBytes + PrefixBytes;
        return true;
    }

    private static bool IsOfNoInterest(McapOpcode opcode) => opcode is
        McapOpcode.MessageIndex or McapOpcode.ChunkIndex or McapOpcode.Attachment
        or McapOpcode.AttachmentIndex
        or McapOpcode.Statistics or McapOpcode.Metadata or McapOpcode.MetadataIndex
        or McapOpcode.SummaryOffset
        or McapOpcode.DataEnd or (McapOpcode)IngestOpcode.Padding;

    private bool Skip()
    {
        int bytes = (int)Math.Min(_skip, _end - _start);
        Consume(bytes);
        _skip -= bytes;
        return _skip == 0;
    }

    private void Consume(int bytes)
    {
        _start += bytes;
        _startOffset += bytes;
    }

    private void MakeRoom()
    {
        int held = _end - _start;
        byte[] target =
            _start >= _buffer.Length / 2 ? _buffer : ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(_start, held).CopyTo(target);
        if (!ReferenceEquals(target, _buffer))
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = target;
        (_start, _end) = (0, held);
    }
}
