using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>
/// Walks the messages among a chunk's plain records, in file order, without allocating. Over borrowed bytes.
/// </summary>
public ref struct ChunkMessages
{
    private readonly ReadOnlySpan<byte> _records;
    private int _next;

    internal ChunkMessages(ReadOnlySpan<byte> records) => _records = records;

    /// <summary>Where the current message's record begins, bytes from the start of the records.</summary>
    public int Offset { get; private set; }

    /// <summary>The current message.</summary>
    public McapMessageView Current { get; private set; }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly ChunkMessages GetEnumerator() => this;

    /// <summary>Goes to the next message; false at the end.</summary>
    /// <exception cref="McapException">A record does not fit; its offset counts from the start of the
    /// records.</exception>
    public bool MoveNext()
    {
        while (_next < _records.Length)
        {
            ReadOnlySpan<byte> rest = _records[_next..];
            if (rest.Length < McapFormat.RecordPrefixBytes || rest[0] == 0)
                throw Misfit();
            ulong contentBytes = BinaryPrimitives.ReadUInt64LittleEndian(rest[1..]);
            if (contentBytes > (ulong)(rest.Length - McapFormat.RecordPrefixBytes))
                throw Misfit();
            Offset = _next;
            _next += McapFormat.RecordPrefixBytes + (int)contentBytes;
            if ((McapOpcode)rest[0] != McapOpcode.Message)
                continue;
            if (contentBytes < McapFormat.MessageFieldBytes)
                throw Misfit();
            Current = new McapMessageView(rest.Slice(McapFormat.RecordPrefixBytes, (int)contentBytes));
            return true;
        }

        return false;
    }

    private readonly McapException Misfit()
    {
        // Not on the hot path: frame it again, for the words.
        McapLimits limits = new() { RecordBytesMax = _records.Length };
        int at = Math.Min(_next, Math.Max(Offset, 0));
        McapReadStatus status =
            McapRecordReader.TryRead(_records[at..], limits, out McapRecordView record, out McapError error);
        return new McapException(status == McapReadStatus.Error
            ? error.In(at)
            : new McapError(McapErrorKind.LengthMismatch, at, "a whole record within the chunk",
                $"{record.Opcode} of {record.TotalBytes} bytes, with {_records.Length - at} left"));
    }
}
