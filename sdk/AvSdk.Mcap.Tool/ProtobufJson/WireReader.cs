using System.Buffers.Binary;
using Google.Protobuf;

namespace AvSdk.Mcap.Tool.ProtobufJson;

/// <summary>Reads protobuf's wire format (protobuf.dev, "Encoding") over borrowed bytes; every length is checked.</summary>
/// <param name="bytes">A message, or the content of a field.</param>
/// <param name="start">Where they stand in the payload, for errors.</param>
internal ref struct WireReader(ReadOnlySpan<byte> bytes, int start)
{
    private const int VarintBytesMax = 10;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly int _start = start;
    private int _at;

    public readonly bool IsAtEnd => _at == _bytes.Length;

    /// <summary>Where the next byte stands in the payload.</summary>
    public readonly int Offset => _start + _at;

    public (int FieldNumber, WireFormat.WireType Type) ReadTag()
    {
        int offset = Offset;
        ulong tag = ReadVarint();
        int type = (int)(tag & 7);
        if (tag > uint.MaxValue || tag >> 3 == 0 || type > (int)WireFormat.WireType.Fixed32)
            throw new WireException(offset, "a field's tag", $"0x{tag:x}");
        return ((int)(tag >> 3), (WireFormat.WireType)type);
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (int i = 0; i < VarintBytesMax; i++)
        {
            if (_at == _bytes.Length)
                throw new WireException(Offset, "more of a number", "the end");
            byte next = _bytes[_at++];
            value |= (ulong)(next & 0x7f) << (7 * i);
            if (next < 0x80)
                return value;
        }

        throw new WireException(Offset - VarintBytesMax, $"a number of at most {VarintBytesMax} bytes", "a longer one");
    }

    public uint ReadFixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong ReadFixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>A length and so many bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        int offset = Offset;
        ulong length = ReadVarint();
        if (length > (ulong)(_bytes.Length - _at))
            throw new WireException(offset, $"a length of at most {_bytes.Length - _at} bytes", $"{length}");
        return Take((int)length);
    }

    /// <summary>The content of a field that the schema does not have.</summary>
    public void Skip(int fieldNumber, WireFormat.WireType type, int depth)
    {
        switch (type)
        {
            case WireFormat.WireType.Varint:
                ReadVarint();
                break;
            case WireFormat.WireType.Fixed64:
                Take(sizeof(ulong));
                break;
            case WireFormat.WireType.LengthDelimited:
                ReadBytes();
                break;
            case WireFormat.WireType.StartGroup:
                ThrowIfTooDeep(depth + 1);
                while (ReadTag() is var (inner, innerType) && innerType != WireFormat.WireType.EndGroup)
                    Skip(inner, innerType, depth + 1);
                break;
            case WireFormat.WireType.Fixed32:
                Take(sizeof(uint));
                break;
            default:
                throw new WireException(Offset, "a field", $"the end of a group {fieldNumber} that did not begin");
        }
    }

    public readonly void ThrowIfTooDeep(int depth)
    {
        if (depth > DynamicMessage.DepthMax)
            throw new WireException(Offset, $"messages nested at most {DynamicMessage.DepthMax} deep", "deeper ones");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
            throw new WireException(Offset, $"{count} bytes", $"{_bytes.Length - _at} to the end");
        _at += count;
        return _bytes.Slice(_at - count, count);
    }
}
