using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace AvSdk.Ingestion;

/// <summary>
/// Reads the fields of a private record. A field past the end makes <see cref="IsGood"/> false, for good.
/// </summary>
internal ref struct IngestFieldReader(ReadOnlySpan<byte> content)
{
    private ReadOnlySpan<byte> _rest = content;

    public bool IsGood { get; private set; } = true;

    public byte UInt8() => Take(1) is { Length: 1 } bytes ? bytes[0] : (byte)0;

    public ushort UInt16() =>
        Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

    public uint UInt32() =>
        Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    public ulong UInt64() =>
        Take(8) is { Length: 8 } bytes ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;

    public Guid Guid() => Take(16) is { Length: 16 } bytes ? new Guid(bytes, bigEndian: true) : default;

    public ReadOnlySpan<byte> Bytes() => Take(UInt32());

    public string Text() => Encoding.UTF8.GetString(Bytes());

    private ReadOnlySpan<byte> Take(uint bytes)
    {
        if (!IsGood || bytes > _rest.Length)
        {
            IsGood = false;
            return default;
        }

        ReadOnlySpan<byte> taken = _rest[..(int)bytes];
        _rest = _rest[(int)bytes..];
        return taken;
    }
}

/// <summary>Writes a private record: the content first, then its length in front of it.</summary>
internal readonly ref struct IngestFieldWriter(IBufferWriter<byte> output)
{
    public void UInt8(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(output.GetSpan(2), value);
        output.Advance(2);
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public void Guid(Guid value)
    {
        value.TryWriteBytes(output.GetSpan(16), bigEndian: true, out int written);
        output.Advance(written);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        UInt32((uint)value.Length);
        output.Write(value);
    }

    public void Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));
}
