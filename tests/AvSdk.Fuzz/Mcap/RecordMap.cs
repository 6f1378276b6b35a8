using System.Buffers.Binary;
using AvSdk.Mcap;

namespace AvSdk.Fuzz.Mcap;

/// <summary>Where the records of a file are, as far as its framing goes.</summary>
public static class RecordMap
{
    public const int PrefixBytes = 9;
    public const int MagicBytes = 8;

    /// <summary>Opcode, offset and bytes of each record, prefix included.</summary>
    public static List<(McapOpcode Opcode, int Offset, int Bytes)> Of(ReadOnlySpan<byte> file, int from = MagicBytes)
    {
        List<(McapOpcode, int, int)> records = [];
        for (int at = from; at + PrefixBytes <= file.Length && records.Count < 10_000;)
        {
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file[(at + 1)..]);
            if (length > (ulong)(file.Length - at - PrefixBytes))
                break;
            int bytes = PrefixBytes + (int)length;
            records.Add(((McapOpcode)file[at], at, bytes));
            at += bytes;
        }

        return records;
    }

    /// <summary>A record from its parts.</summary>
    public static byte[] Record(McapOpcode opcode, ReadOnlySpan<byte> content)
    {
        byte[] record = new byte[PrefixBytes + content.Length];
        record[0] = (byte)opcode;
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(1), (ulong)content.Length);
        content.CopyTo(record.AsSpan(PrefixBytes));
        return record;
    }
}
