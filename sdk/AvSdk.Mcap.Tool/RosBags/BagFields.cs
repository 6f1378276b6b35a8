using System.Buffers.Binary;
using System.Text;

namespace AvSdk.Mcap.Tool.RosBags;

/// <summary>
/// The fields of a record's header, or of a connection's data: length (4 bytes), name, '=', value; over borrowed
/// bytes.
/// </summary>
/// <param name="offset">Where they stand in the file, for errors.</param>
internal readonly ref struct BagFields(ReadOnlySpan<byte> bytes, long offset)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly long _offset = offset;

    public bool TryFind(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        ReadOnlySpan<byte> rest = _bytes;
        while (!rest.IsEmpty)
        {
            uint length = rest.Length < sizeof(uint) ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(rest);
            if (length > rest.Length - sizeof(uint))
                throw new BagException(_offset + _bytes.Length - rest.Length, "a field that fits its header", "a longer one");
            ReadOnlySpan<byte> field = rest.Slice(sizeof(uint), (int)length);
            int equals = field.IndexOf((byte)'=');
            if (equals < 0)
                throw new BagException(_offset + _bytes.Length - rest.Length, "a field with '='", "one without");
            value = field[(equals + 1)..];
            if (field[..equals].SequenceEqual(name))
                return true;
            rest = rest[(sizeof(uint) + (int)length)..];
        }

        value = default;
        return false;
    }

    public uint UInt32(ReadOnlySpan<byte> name) => BinaryPrimitives.ReadUInt32LittleEndian(OfLength(name, sizeof(uint)));

    public byte Byte(ReadOnlySpan<byte> name) => OfLength(name, 1)[0];

    /// <summary>Seconds and ns, four bytes each; as ns.</summary>
    public ulong Time(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> value = OfLength(name, 2 * sizeof(uint));
        return (BinaryPrimitives.ReadUInt32LittleEndian(value) * 1_000_000_000ul)
            + BinaryPrimitives.ReadUInt32LittleEndian(value[sizeof(uint)..]);
    }

    /// <summary>Empty where there is none of the name.</summary>
    public string Text(ReadOnlySpan<byte> name) =>
        TryFind(name, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value) : "";

    private ReadOnlySpan<byte> OfLength(ReadOnlySpan<byte> name, int length)
    {
        if (TryFind(name, out ReadOnlySpan<byte> value) && value.Length == length)
            return value;
        throw new BagException(_offset, $"a field {Encoding.UTF8.GetString(name)} of {length} bytes",
            value.IsEmpty ? "none" : $"{value.Length} bytes");
    }
}
