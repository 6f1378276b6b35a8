using System.Buffers.Binary;

namespace AvSdk.Mcap.Tool.RosBags;

/// <summary>
/// A record of a ROS bag, format 2.0 (wiki.ros.org/Bags/Format/2.0), over borrowed bytes:
/// <code>
/// header length (4, little-endian)  header: fields  data length (4)  data
/// </code>
/// </summary>
internal readonly ref struct BagRecord
{
    public const byte MessageOp = 0x02;
    public const byte BagHeaderOp = 0x03;
    public const byte ChunkOp = 0x05;
    public const byte ConnectionOp = 0x07;

    private BagRecord(BagFields header, ReadOnlySpan<byte> data, long dataOffset, int totalBytes)
    {
        Header = header;
        Data = data;
        DataOffset = dataOffset;
        TotalBytes = totalBytes;
    }

    public BagFields Header { get; }

    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Where the data stand, for errors.</summary>
    public long DataOffset { get; }

    public int TotalBytes { get; }

    /// <summary>Reads the record at the start of the input. False: the input ends within it.</summary>
    /// <param name="offset">Where the input stands in the file, for errors.</param>
    public static bool TryRead(ReadOnlySpan<byte> input, long offset, out BagRecord record)
    {
        record = default;
        if (!TryTake(input, 0, out ReadOnlySpan<byte> header)
            || !TryTake(input, sizeof(uint) + header.Length, out ReadOnlySpan<byte> data))
        {
            return false;
        }

        int dataAt = (2 * sizeof(uint)) + header.Length;
        record = new BagRecord(
            new BagFields(header, offset + sizeof(uint)), data, offset + dataAt, dataAt + data.Length);
        return true;
    }

    private static bool TryTake(ReadOnlySpan<byte> input, int at, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (input.Length - at < sizeof(uint))
            return false;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(input[at..]);
        if (length > input.Length - at - sizeof(uint))
            return false;
        part = input.Slice(at + sizeof(uint), (int)length);
        return true;
    }
}
