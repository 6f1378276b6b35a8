using System.Buffers.Binary;
using System.Text;

namespace AvSdk.Mcap;

/// <summary>Writes fields one after the other; the caller has sized the span exactly.</summary>
internal ref struct FieldWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int At { get; private set; }

    public static int TextBytes(string text) => 4 + Encoding.UTF8.GetByteCount(text);

    public static int PairsBytes(IReadOnlyDictionary<string, string> pairs)
    {
        int bytes = 4;
        foreach ((string key, string value) in pairs)
            bytes = checked(bytes + TextBytes(key) + TextBytes(value));
        return bytes;
    }

    public static int NumberMapBytes(IReadOnlyDictionary<ushort, ulong> pairs) => 4 + (pairs.Count * 10);

    public void Prefix(McapOpcode opcode, long contentBytes)
    {
        Byte((byte)opcode);
        UInt64((ulong)contentBytes);
    }

    public void Byte(byte value) => _destination[At++] = value;

    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_destination[At..], value);
        At += 2;
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_destination[At..], value);
        At += 4;
    }

    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_destination[At..], value);
        At += 8;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[At..]);
        At += bytes.Length;
    }

    public void Bytes32(ReadOnlySpan<byte> bytes)
    {
        UInt32((uint)bytes.Length);
        Bytes(bytes);
    }

    public void Text(string text)
    {
        int bytes = Encoding.UTF8.GetBytes(text, _destination[(At + 4)..]);
        UInt32((uint)bytes);
        At += bytes;
    }

    public void Pairs(IReadOnlyDictionary<string, string> pairs)
    {
        UInt32((uint)(PairsBytes(pairs) - 4));
        foreach ((string key, string value) in pairs)
        {
            Text(key);
            Text(value);
        }
    }

    public void NumberMap(IReadOnlyDictionary<ushort, ulong> pairs)
    {
        UInt32((uint)(pairs.Count * 10));
        foreach ((ushort key, ulong value) in pairs)
        {
            UInt16(key);
            UInt64(value);
        }
    }
}
