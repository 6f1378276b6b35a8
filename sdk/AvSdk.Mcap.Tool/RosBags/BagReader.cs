using System.Buffers.Binary;

namespace AvSdk.Mcap.Tool.RosBags;

/// <summary>Reads a bag from its beginning, record by record; memory is the largest record.</summary>
/// <param name="source">Borrowed.</param>
internal sealed class BagReader(IMcapSource source)
{
    private const int RecordBytesMax = 1 << 30;

    private byte[] _record = new byte[64 * 1024];
    private int _recordBytes;

    private static ReadOnlySpan<byte> FirstLine => "#ROSBAG V2.0\n"u8;

    /// <summary>Where the next record begins.</summary>
    public long Position { get; private set; }

    public long Length => source.Length;

    /// <summary>Where the record at hand begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether the file ends within a record: its recorder died, or the copy is cut.</summary>
    public bool EndsEarly { get; private set; }

    /// <summary>The record at hand.</summary>
    public BagRecord Record => BagRecord.TryRead(_record.AsSpan(0, _recordBytes), Offset, out BagRecord record)
        ? record : throw new BagException(Offset, "a whole record", "a part of one");

    /// <summary>Reads the first line.</summary>
    /// <exception cref="BagException">It is not that of a bag of this format.</exception>
    public void Begin()
    {
        Span<byte> line = stackalloc byte[FirstLine.Length];
        int read = source.ReadAt(0, line);
        if (!line[..read].SequenceEqual(FirstLine))
            throw new BagException(0, "#ROSBAG V2.0", read == 0 ? "an empty file" : Printable(line[..read]));
        Position = FirstLine.Length;
    }

    /// <summary>Goes to the next record; false at the end.</summary>
    public bool Read()
    {
        Offset = Position;
        _recordBytes = 0;
        if (Position == source.Length)
            return false;
        if (TryExtend() && TryExtend())
        {
            Position = Offset + _recordBytes;
            return true;
        }

        EndsEarly = true;
        return false;
    }

    // A length and so many bytes: first the header's, then the data's.
    private bool TryExtend()
    {
        if (!TryFill(sizeof(uint)))
            return false;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(_record.AsSpan(_recordBytes - sizeof(uint)));
        if (length > RecordBytesMax)
            throw new BagException(Offset, $"a record of at most {RecordBytesMax} bytes", $"{length}");
        return TryFill((int)length);
    }

    private bool TryFill(int bytes)
    {
        // Nothing is allocated for a length that the file cannot hold.
        if (bytes > source.Length - Offset - _recordBytes)
            return false;
        if (_record.Length - _recordBytes < bytes)
            Array.Resize(ref _record, (int)Math.Min(Array.MaxLength, Math.Max(2L * _record.Length, (long)_recordBytes + bytes)));
        if (source.ReadAt(Offset + _recordBytes, _record.AsSpan(_recordBytes, bytes)) < bytes)
            return false;
        _recordBytes += bytes;
        return true;
    }

    private static string Printable(ReadOnlySpan<byte> bytes)
    {
        char[] text = new char[bytes.Length];
        for (int i = 0; i < text.Length; i++)
            text[i] = bytes[i] is >= 0x20 and < 0x7f ? (char)bytes[i] : '.';
        return new string(text);
    }
}
