using System.Buffers;
using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>
/// An attachment's data, read from its start as it is asked for: memory does not grow with it. The record's head is
/// checked with the first read, its CRC with the read that gives the last byte, which throws instead of giving it.
/// </summary>
internal sealed class AttachmentStream : Stream
{
    private const int PeekBytes = 4096;

    private readonly IMcapSource _source;
    private readonly McapAttachmentIndex _index;
    private readonly McapReadOptions _options;
    private bool _begun;
    private bool _checked;
    private long _dataOffset;
    private long _at;
    private uint _crc;

    public AttachmentStream(IMcapSource source, McapAttachmentIndex index, McapReadOptions options)
    {
        RecordRange.CheckWithin(index.Offset, index.Length, source.Length);
        _source = source;
        _index = index;
        _options = options;
        if (index.DataSize > index.Length)
            throw Mismatch($"data within the record's {index.Length} bytes", $"{index.DataSize} bytes");
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => (long)_index.DataSize;

    public override long Position
    {
        get => _at;
        set => throw new NotSupportedException();
    }

    private long ContentOffset => (long)_index.Offset + McapFormat.RecordPrefixBytes;

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        for (int peek = PeekBytes; !_begun; peek = PeekMax())
        {
            byte[] head = Rent(peek, out int bytes);
            Begin(head, bytes, _source.ReadAt((long)_index.Offset, head.AsSpan(0, bytes)));
        }

        int count = (int)Math.Min(buffer.Length, Length - _at);
        Took(buffer[..count], _source.ReadAt(_dataOffset + _at, buffer[..count]));
        if (_at == Length && !_checked)
        {
            byte[] crc = new byte[4];
            Check(crc, _source.ReadAt(_dataOffset + _at, crc));
        }

        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (int peek = PeekBytes; !_begun; peek = PeekMax())
        {
            byte[] head = Rent(peek, out int bytes);
            Begin(head, bytes, await _source.ReadAtAsync(
                (long)_index.Offset, head.AsMemory(0, bytes), cancellationToken).ConfigureAwait(false));
        }

        int count = (int)Math.Min(buffer.Length, Length - _at);
        int read = await _source.ReadAtAsync(
            _dataOffset + _at, buffer[..count], cancellationToken).ConfigureAwait(false);
        Took(buffer.Span[..count], read);
        if (_at == Length && !_checked)
        {
            byte[] crc = new byte[4];
            Check(crc, await _source.ReadAtAsync(_dataOffset + _at, crc, cancellationToken).ConfigureAwait(false));
        }

        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // More than fixed fields and two texts within the limits take.
    private int PeekMax() => (int)Math.Min(Array.MaxLength, (2L * _options.Limits.TextBytesMax) + PeekBytes);

    private byte[] Rent(int peek, out int bytes)
    {
        bytes = (int)Math.Min((ulong)peek, _index.Length);
        return ArrayPool<byte>.Shared.Rent(bytes);
    }

    private void Begin(byte[] head, int bytes, int read)
    {
        try
        {
            RecordRange.CheckRead((long)_index.Offset, bytes, read);
            ReadOnlySpan<byte> start = head.AsSpan(0, bytes);
            if (bytes < McapFormat.RecordPrefixBytes || (McapOpcode)start[0] != McapOpcode.Attachment
                || BinaryPrimitives.ReadUInt64LittleEndian(start[1..]) != _index.Length - McapFormat.RecordPrefixBytes)
            {
                throw Mismatch($"an Attachment record of {_index.Length} bytes", "other bytes");
            }

            start = start[McapFormat.RecordPrefixBytes..];
            long contentBytes = (long)_index.Length - McapFormat.RecordPrefixBytes;
            if (!AttachmentHead.TryParse(
                start, contentBytes, _options.Limits, out AttachmentHead parsed, out McapError error))
            {
                bool isCut = start.Length < contentBytes && bytes < PeekMax();
                if (error.Kind == McapErrorKind.LengthMismatch && isCut)
                    return;
                throw new McapException(error.In(ContentOffset));
            }

            if (parsed.DataBytes != _index.DataSize)
                throw Mismatch($"{_index.DataSize} bytes of data", $"{parsed.DataBytes}");
            _crc = Crc32.Compute(start[..parsed.HeadBytes]);
            _dataOffset = ContentOffset + parsed.HeadBytes;
            _begun = true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(head);
        }
    }

    private void Took(ReadOnlySpan<byte> asked, int read)
    {
        RecordRange.CheckRead(_dataOffset + _at, asked.Length, read);
        _at += read;
        if (_options.CheckCrcs)
            _crc = Crc32.Append(_crc, asked);
    }

    private void Check(byte[] crc, int read)
    {
        RecordRange.CheckRead(_dataOffset + _at, crc.Length, read);
        uint expected = _options.CheckCrcs ? BinaryPrimitives.ReadUInt32LittleEndian(crc) : 0;
        if (!AttachmentHead.TryCheckCrc(expected, _crc, _dataOffset + _at, out McapError error))
            throw new McapException(error);
        _checked = true;
    }

    private McapException Mismatch(string expected, string found) =>
        RecordRange.Mismatch((long)_index.Offset, expected, found);
}
