using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>
/// Walks a file's records and goes on after damage: what is not a record is a gap, up to the next place from which
/// well-framed records follow one another.
/// </summary>
/// <remarks>
/// <para>A record is taken when it fits into the file and something that can be a record follows it. Where nothing
/// does, either the damage begins after it or its own length is wrong: it is dropped when a run of records begins
/// within it, unless its checksum is right.</para>
/// <para>A run is three records in a row whose inner lengths fit, or fewer that reach the end of the file, or one
/// that its checksum vouches for. A chunk of which the summary says where it begins and ends is stepped over as a
/// whole, so that nothing within a damaged chunk is taken for a record of the file.</para>
/// </remarks>
internal sealed class RecordWalker : IDisposable
{
    private const int RunRecords = 3;
    private const int RunStepsMax = 16;
    private const int ScanBytes = 60 * 1024;
    private const int ProbeBytes = 16 * 1024;

    private readonly McapLimits _limits;
    private readonly SurvivingSummary? _summary;
    private readonly CancellationToken _cancel;
    private readonly SourceView _window;
    private readonly SourceView _probe;
    private readonly long _length;
    private long _next;
    private bool _hasBegun;

    // No run begins from the first to the second; one begins at the second, unless it is the file's end.
    private long _searchedFrom = -1;
    private long _searchedTo = -1;

    // What checking checksums on suspicion may still cost, so that made-up records cannot make it quadratic.
    private long _vouchBytesLeft;

    /// <summary>A walker over a file, or over the records of a chunk.</summary>
    /// <param name="source">Borrowed.</param>
    /// <param name="limits">Of lengths.</param>
    /// <param name="summary">Null: none, and no magic either; the source is a chunk's records.</param>
    /// <param name="cancel">Looked at while it searches.</param>
    public RecordWalker(
        IMcapSource source, McapLimits limits, SurvivingSummary? summary, CancellationToken cancel)
    {
        _limits = limits;
        _summary = summary;
        _cancel = cancel;
        _window = new SourceView(source);
        _probe = new SourceView(source, ProbeBytes);
        _length = source.Length;
        _vouchBytesLeft = (64L << 20) + (4 * _length);
        HasMagic = summary is not null && IsMagicAt(0);
        if (HasMagic)
            _next = McapFormat.MagicBytes;
    }

    /// <summary>Whether the file begins with the magic.</summary>
    public bool HasMagic { get; }

    /// <summary>Whether what the last move came to is a gap.</summary>
    public bool IsGap { get; private set; }

    /// <summary>File offset of the record or gap.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes of the record, opcode and length included, or of the gap.</summary>
    public long Bytes { get; private set; }

    public long End => Offset + Bytes;

    /// <summary>The record's opcode.</summary>
    public McapOpcode Opcode { get; private set; }

    /// <summary>
    /// The record with its opcode and length; until the next move. Not of an attachment, which may be larger than memory.
    /// </summary>
    public ReadOnlySpan<byte> Record => _window.At(Offset, (int)Bytes);

    /// <summary>The CRC of what came before, and of the record.</summary>
    public uint AppendTo(uint crc) => AttachmentCheck.Crc(_window, crc, Offset, End);

    /// <summary>The record, which is an attachment, checked.</summary>
    public bool TryReadAttachment(out AttachmentCheck attachment, out McapError error) =>
        AttachmentCheck.TryRead(_window, Offset, Bytes, _limits, out attachment, out error);

    /// <summary>The record's content; until the next move.</summary>
    public ReadOnlySpan<byte> Content => Record[McapFormat.RecordPrefixBytes..];

    /// <summary>Why a gap is one; offsets count from the file's start.</summary>
    public McapError Error { get; private set; }

    /// <summary>Goes to the next record or gap; false at the end of the file.</summary>
    public bool MoveNext()
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            if (_summary is not null && !HasMagic)
                return Gap(0, IsRun(0) ? 0 : FindRun(1), NoMagic());
        }

        if (!IsGap && Opcode == McapOpcode.Footer)
            SkipMagic();
        if (_next >= _length)
            return false;
        long at = _next;
        bool framed = TryFrame(at, out McapOpcode opcode, out long bytes, out McapError error);
        if (_summary?.ChunkAt(at) is McapChunkIndex listed
            && IsMislabelled(listed, framed, opcode, bytes) && IsListedChunk(listed))
        {
            return Take(at, McapOpcode.Chunk, (long)listed.ChunkLength);
        }

        if (framed && TrueEnd(at, opcode, bytes) is long end && end < at + bytes)
            return Gap(at, end, NotARecord(at, opcode));
        if (framed && (CanFollow(opcode, at + bytes) || IsWhole(at, opcode, bytes)))
            return Take(at, opcode, bytes);
        if (!framed && bytes > 0 && bytes <= _length - at && CanFollow(opcode, at + bytes))
            return Gap(at, at + bytes, error);
        return Gap(at, FindRun(at + 1), framed ? NotARecord(at, opcode) : error);
    }

    public void Dispose()
    {
        _window.Dispose();
        _probe.Dispose();
    }

    // The magic after the footer, and that of another file after it.
    private void SkipMagic()
    {
        for (int i = 0; i < 2 && IsMagicAt(_next); i++)
            _next += McapFormat.MagicBytes;
    }

    // Whether a listed chunk does not look like one where it should begin.
    private bool IsMislabelled(McapChunkIndex listed, bool framed, McapOpcode opcode, long bytes)
    {
        if (!framed || bytes != (long)listed.ChunkLength)
            return !framed || !CanFollow(opcode, (long)listed.ChunkStartOffset + bytes);
        return opcode != McapOpcode.Chunk;
    }

    // Nothing can follow it: whole all the same when no run begins within it, or its checksum says so.
    private bool IsWhole(long at, McapOpcode opcode, long bytes) =>
        Fits(at, opcode, bytes) && (Vouches(at, opcode, bytes) || FindRun(at + 1) >= at + bytes);

    private bool Take(long at, McapOpcode opcode, long bytes)
    {
        (IsGap, Offset, Opcode, Bytes, Error) = (false, at, opcode, bytes, default);
        _next = at + bytes;
        return true;
    }

    private bool Gap(long at, long end, McapError error)
    {
        (IsGap, Offset, Opcode, Bytes, Error) = (true, at, McapOpcode.None, end - at, error);
        _next = end;
        return true;
    }

    // False with the record's length where it has one; 0 where it has none.
    private bool TryFrame(long at, out McapOpcode opcode, out long bytes, out McapError error)
    {
        ReadOnlySpan<byte> prefix = _probe.At(at, McapFormat.RecordPrefixBytes);
        bytes = 0;
        opcode = prefix.IsEmpty ? McapOpcode.None : (McapOpcode)prefix[0];
        error = default;
        if (!prefix.IsEmpty && opcode == McapOpcode.None)
        {
            error = new McapError(McapErrorKind.UnexpectedRecord, at, "an opcode from 1 to 255", "opcode 0");
            return false;
        }

        if (prefix.Length < McapFormat.RecordPrefixBytes)
        {
            error = new McapError(McapErrorKind.Truncated, at, "a record", $"the end after {prefix.Length} bytes");
            return false;
        }

        ulong contentBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix[1..]);
        if (contentBytes <= long.MaxValue / 2)
            bytes = (long)contentBytes + McapFormat.RecordPrefixBytes;
        long most = Math.Min(_limits.RecordBytesMax, Array.MaxLength - McapFormat.RecordPrefixBytes);
        if (bytes == 0 || (opcode != McapOpcode.Attachment && contentBytes > (ulong)most))
        {
            error = new McapError(McapErrorKind.LengthOverLimit, at + 1,
                $"a record of at most {_limits.RecordBytesMax} bytes", $"a length of {contentBytes}");
        }
        else if (bytes > _length - at)
        {
            error = new McapError(
                McapErrorKind.Truncated, at, $"{bytes} bytes of a {opcode} record", $"{_length - at} to the end");
        }

        return !error.IsError;
    }

    private bool Fits(long at, McapOpcode opcode, long bytes)
    {
        long contentBytes = bytes - McapFormat.RecordPrefixBytes;
        int peekBytes = (int)Math.Min(contentBytes, RecordShape.PeekBytes);
        return RecordShape.Fits(
            opcode, _probe.At(at + McapFormat.RecordPrefixBytes, peekBytes), contentBytes, out _);
    }

    // Where a record ends whose length is wrong: where its fields do, when a run of records begins there, or where a
    // listed chunk begins. Its own end where there is no such sign.
    private long TrueEnd(long at, McapOpcode opcode, long bytes)
    {
        long contentBytes = bytes - McapFormat.RecordPrefixBytes;
        int peekBytes = (int)Math.Min(contentBytes, RecordShape.PeekBytes);
        long contentAt = at + McapFormat.RecordPrefixBytes;
        bool fits = RecordShape.Fits(opcode, _probe.At(contentAt, peekBytes), contentBytes, out long fields);
        if (fits && fields < contentBytes && IsRun(contentAt + fields))
            return contentAt + fields;
        long chunk = _summary?.NextChunk(at + 1) ?? long.MaxValue;
        return chunk < at + bytes && _summary!.ChunkAt(chunk) is McapChunkIndex listed && IsChunkAt(listed)
            ? chunk : at + bytes;
    }

    // Whether the end of a record is a place where another can begin, or the file can end.
    private bool CanFollow(McapOpcode before, long at)
    {
        if (at == _length || (before == McapOpcode.Footer && IsMagicAt(at)))
            return true;
        if (TryFrame(at, out McapOpcode opcode, out long bytes, out McapError error))
            return Fits(at, opcode, bytes);
        return error.Kind == McapErrorKind.Truncated && IsTorn(at, opcode, bytes) && FindRun(at + 1) == _length;
    }

    // A record that the end of the file may cut off. Private ones have no shape to go by: only a likely length.
    private bool IsTorn(long at, McapOpcode opcode, long bytes) => _length - at < McapFormat.RecordPrefixBytes
        || (RecordShape.IsSpecified(opcode) && Fits(at, opcode, bytes))
        || (RecordShape.IsPrivate(opcode) && bytes <= McapScan.PrivateBytesMax);

    private long FindRun(long from)
    {
        if (from >= _searchedFrom && from <= _searchedTo)
            return _searchedTo;
        _searchedFrom = from;
        _searchedTo = Search(from);
        return _searchedTo;
    }

    private long Search(long at)
    {
        while (at < _length)
        {
            _cancel.ThrowIfCancellationRequested();
            if (_summary?.ChunkBefore(at - 1) is McapChunkIndex around
                && at < (long)(around.ChunkStartOffset + around.ChunkLength) && IsListedChunk(around))
            {
                at = (long)(around.ChunkStartOffset + around.ChunkLength);
            }

            if (at >= _length || (_summary?.ChunkAt(at) is McapChunkIndex listed && IsListedChunk(listed)) || IsRun(at))
                break;
            // Aligned, so that one window serves however many places in it are looked at.
            long stop = Math.Min(_length, ((at + 1) / ScanBytes * ScanBytes) + ScanBytes);
            at = SearchPlain(at + 1, Math.Min(stop, _summary?.NextChunk(at + 1) ?? long.MaxValue));
        }

        return Math.Min(at, _length);
    }

    // The first place before the stop whose first nine bytes can be a record's, else the stop.
    private long SearchPlain(long at, long stop)
    {
        ReadOnlySpan<byte> bytes = _window.At(at, (int)(stop - at) + McapFormat.RecordPrefixBytes - 1);
        for (int i = 0; i + McapFormat.RecordPrefixBytes <= bytes.Length; i++)
        {
            // Lengths first: among other bytes hardly one is short enough.
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i + 1)..]);
            if (length > (ulong)(_length - at - i - McapFormat.RecordPrefixBytes))
                continue;
            McapOpcode opcode = (McapOpcode)bytes[i];
            if (RecordShape.IsSpecified(opcode) || RecordShape.IsPrivate(opcode))
                return at + i;
        }

        return stop;
    }

    private bool IsRun(long first)
    {
        int records = 0;
        long at = first;
        McapOpcode before = McapOpcode.None;
        for (int step = 0; step < RunStepsMax; step++)
        {
            if (records > 0 && (at == _length || (before == McapOpcode.Footer && IsMagicAt(at))))
                return true;
            if (!TryFrame(at, out McapOpcode opcode, out long bytes, out McapError error))
            {
                bool torn = error.Kind == McapErrorKind.Truncated && IsTorn(at, opcode, bytes);
                return records > 0 && ((torn && records > 1) || VouchesAt(first));
            }

            bool isPrivate = RecordShape.IsPrivate(opcode);
            bool isStart = opcode == McapOpcode.Header && at <= McapFormat.MagicBytes;
            if ((opcode == McapOpcode.Header && !isStart) || (!isPrivate && !RecordShape.IsSpecified(opcode))
                || !Fits(at, opcode, bytes))
            {
                return records > 0 && VouchesAt(first);
            }

            records += isPrivate ? 0 : 1;
            if (records == RunRecords)
                return true;
            at += bytes;
            before = opcode;
        }

        return false;
    }

    // An index counts when a chunk of its length stands at its place, or its end is where records go on.
    private bool IsListedChunk(McapChunkIndex index)
    {
        long at = (long)index.ChunkStartOffset;
        long bytes = (long)index.ChunkLength;
        if (bytes < McapFormat.RecordPrefixBytes || bytes > _length - at
            || bytes > Math.Min(_limits.RecordBytesMax, Array.MaxLength - McapFormat.RecordPrefixBytes))
        {
            return false;
        }

        return IsChunkAt(index) || IsRun(at + bytes);
    }

    private bool IsChunkAt(McapChunkIndex index) =>
        TryFrame((long)index.ChunkStartOffset, out McapOpcode opcode, out long framed, out _)
        && opcode == McapOpcode.Chunk && framed == (long)index.ChunkLength;

    private bool VouchesAt(long at) => TryFrame(at, out McapOpcode opcode, out long bytes, out _)
        && Vouches(at, opcode, bytes);

    private bool Vouches(long at, McapOpcode opcode, long bytes)
    {
        if (opcode is not (McapOpcode.Chunk or McapOpcode.Attachment) || _vouchBytesLeft < bytes)
            return false;
        _vouchBytesLeft -= bytes;
        if (opcode == McapOpcode.Attachment)
        {
            return AttachmentCheck.TryRead(_window, at, bytes, _limits, out AttachmentCheck attachment, out _)
                && attachment.StoredCrc != 0;
        }

        ReadOnlySpan<byte> content = _window.At(at, (int)bytes)[McapFormat.RecordPrefixBytes..];
        if (!McapRecordReader.TryParseChunk(content, _limits, out McapChunkView chunk, out _)
            || chunk.UncompressedCrc == 0 || _vouchBytesLeft < (long)chunk.UncompressedSize)
        {
            return false;
        }

        _vouchBytesLeft -= (long)chunk.UncompressedSize;
        return OpenedChunk.Vouches(chunk, _limits);
    }

    private bool IsMagicAt(long at) => _probe.At(at, McapFormat.MagicBytes).SequenceEqual(McapFormat.Magic);

    private McapError NoMagic()
    {
        ReadOnlySpan<byte> start = _probe.At(0, McapFormat.MagicBytes);
        return McapRecordReader.TryReadMagic(start, out McapError error) == McapReadStatus.NeedMore
            ? new McapError(McapErrorKind.Truncated, start.Length, "the magic of an MCAP file",
                start.IsEmpty ? "an empty file" : $"the end of the file after {start.Length} bytes")
            : error;
    }

    private static McapError NotARecord(long at, McapOpcode opcode) => new(
        McapErrorKind.UnexpectedRecord, at, $"a whole {opcode} record", "one whose length is wrong");
}
