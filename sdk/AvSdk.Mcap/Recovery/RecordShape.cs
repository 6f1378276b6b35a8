using System.Buffers.Binary;

namespace AvSdk.Mcap;

/// <summary>
/// Whether the lengths within a record fit into it, looking at no more than its first bytes: what tells a record
/// from bytes that happen to look like an opcode and a length.
/// </summary>
internal static class RecordShape
{
    /// <summary>How many bytes of a record's content are looked at.</summary>
    public const int PeekBytes = 1024;

    // A positive number is so many bytes; the others are arrays with a length before them.
    private const sbyte Bytes32 = -1;
    private const sbyte Bytes64 = -2;
    private const sbyte Of10 = -3;
    private const sbyte Of16 = -4;

    public static bool IsSpecified(McapOpcode opcode) => opcode is >= McapOpcode.Header and <= McapOpcode.DataEnd;

    public static bool IsPrivate(McapOpcode opcode) => (byte)opcode >= McapRecordWriter.PrivateOpcodeMin;

    /// <summary>Whether it may stand within a chunk.</summary>
    public static bool MayBeInChunk(McapOpcode opcode) =>
        opcode is McapOpcode.Schema or McapOpcode.Channel or McapOpcode.Message || opcode > McapOpcode.DataEnd;

    /// <summary>Bytes after the known fields are allowed, as everywhere in the format.</summary>
    /// <param name="opcode">One without a shape (private, reserved) always fits.</param>
    /// <param name="peek">The content's first bytes, all of them or <see cref="PeekBytes"/>.</param>
    /// <param name="contentBytes">The content's length, as its prefix says.</param>
    /// <param name="end">
    /// Where the known fields end, bytes into the content; the content's length where that is not seen, or the record
    /// has no end but its own.
    /// </param>
    public static bool Fits(McapOpcode opcode, ReadOnlySpan<byte> peek, long contentBytes, out long end)
    {
        long at = 0;
        end = contentBytes;
        foreach (sbyte part in Shape(opcode))
        {
            long bytes = part;
            if (part < 0)
            {
                int width = part == Bytes64 ? 8 : 4;
                if (contentBytes - at < width)
                    return false;
                if (peek.Length - at < width)
                    return true;
                ulong length = width == 8
                    ? BinaryPrimitives.ReadUInt64LittleEndian(peek[(int)at..])
                    : BinaryPrimitives.ReadUInt32LittleEndian(peek[(int)at..]);
                at += width;
                if (length > (ulong)(contentBytes - at))
                    return false;
                bytes = (long)length;
                if ((part == Of10 && bytes % 10 != 0) || (part == Of16 && bytes % McapFormat.IndexEntryBytes != 0))
                    return false;
            }

            at += bytes;
            if (at > contentBytes)
                return false;
        }

        if (opcode != McapOpcode.Message && IsSpecified(opcode))
            end = at;
        return true;
    }

    private static ReadOnlySpan<sbyte> Shape(McapOpcode opcode) => opcode switch
    {
        McapOpcode.Header => [Bytes32, Bytes32],
        McapOpcode.Footer => [20],
        McapOpcode.Schema => [2, Bytes32, Bytes32, Bytes32],
        McapOpcode.Channel => [4, Bytes32, Bytes32, Bytes32],
        McapOpcode.Message => [McapFormat.MessageFieldBytes],
        McapOpcode.Chunk => [McapFormat.ChunkFixedBytes, Bytes32, Bytes64],
        McapOpcode.MessageIndex => [2, Of16],
        McapOpcode.ChunkIndex => [32, Of10, 8, Bytes32, 16],
        McapOpcode.Attachment => [16, Bytes32, Bytes32, Bytes64, 4],
        McapOpcode.AttachmentIndex => [40, Bytes32, Bytes32],
        McapOpcode.Statistics => [42, Of10],
        McapOpcode.Metadata => [Bytes32, Bytes32],
        McapOpcode.MetadataIndex => [16, Bytes32],
        McapOpcode.SummaryOffset => [17],
        McapOpcode.DataEnd => [4],
        _ => [],
    };
}
