namespace AvSdk.Mcap;

/// <summary>An application's own record that a scan met.</summary>
/// <param name="Opcode">0x80 to 0xFF.</param>
/// <param name="Offset">File offset of its opcode.</param>
/// <param name="TotalBytes">Bytes of the record, opcode and length included.</param>
/// <param name="Content">Its content; empty when it is larger than
/// <see cref="McapScan.PrivateBytesMax"/>.</param>
public sealed record McapScannedRecord(byte Opcode, long Offset, long TotalBytes,
    ReadOnlyMemory<byte> Content)
{
    /// <summary>File offset of the first byte after it.</summary>
    public long End => Offset + TotalBytes;
}
