using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace AvSdk.Mqtt.Packets;

/// <summary>
/// Reads the fields of a packet's body. The first failure stays: every read after it gives nothing, so a
/// decoder reads straight on and looks once.
/// </summary>
internal ref struct PacketReader(ReadOnlySpan<byte> input, int offset)
{
    private readonly ReadOnlySpan<byte> _input = input;
    private readonly int _offset = offset;
    private int _at;
    private PacketError _error;

    public readonly PacketError Error => _error;

    public readonly bool Failed => _error.IsError;

    public readonly int RemainingBytes => _input.Length - _at;

    /// <summary>The place of the next field, from the packet's first byte on.</summary>
    public readonly int Offset => _offset + _at;

    public readonly bool AtEnd => _at == _input.Length;

    public void Fail(MqttReasonCode code, string problem)
    {
        if (!Failed)
            _error = new PacketError(code, Offset, problem);
        _at = _input.Length;
    }

    public byte Byte(string field)
    {
        ReadOnlySpan<byte> bytes = Take(1, field);
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    public ushort UInt16(string field)
    {
        ReadOnlySpan<byte> bytes = Take(2, field);
        return bytes.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }

    public uint UInt32(string field)
    {
        ReadOnlySpan<byte> bytes = Take(4, field);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public int Variable(string field)
    {
        int bytes = VariableInt.TryRead(_input[_at..], out int value);
        if (bytes <= 0)
        {
            Fail(MqttReasonCode.MalformedPacket, field);
            return 0;
        }

        _at += bytes;
        return value;
    }

    /// <summary>A length of two bytes, and as many bytes (1.5.6).</summary>
    public ReadOnlySpan<byte> Binary(string field) => Take(UInt16(field), field);

    /// <summary>The same, and well-formed UTF-8 without U+0000 (1.5.4).</summary>
    public ReadOnlySpan<byte> Text(string field)
    {
        ReadOnlySpan<byte> text = Binary(field);
        if (IsText(text))
            return text;
        Fail(MqttReasonCode.MalformedPacket, field);
        return default;
    }

    public string String(string field) => Encoding.UTF8.GetString(Text(field));

    /// <summary>So many bytes; fails where there are fewer.</summary>
    public ReadOnlySpan<byte> Take(int bytes, string field)
    {
        if (bytes > RemainingBytes)
        {
            Fail(MqttReasonCode.MalformedPacket, field);
            return default;
        }

        ReadOnlySpan<byte> taken = _input.Slice(_at, bytes);
        _at += bytes;
        return taken;
    }

    public ReadOnlySpan<byte> Rest() => Take(RemainingBytes, "");

    public void RequireEnd()
    {
        if (!AtEnd)
            Fail(MqttReasonCode.MalformedPacket, "bytes after the last field");
    }

    public static bool IsText(ReadOnlySpan<byte> text) => !text.Contains((byte)0) && Utf8.IsValid(text);
}
