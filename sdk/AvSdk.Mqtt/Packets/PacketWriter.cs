using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace AvSdk.Mqtt.Packets;

/// <summary>Builds the body of a packet that is not sent often; what is sent often is written in place.</summary>
internal sealed class PacketWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(128);

    public int Bytes => _bytes.WrittenCount;

    public void Byte(int value)
    {
        _bytes.GetSpan(1)[0] = (byte)value;
        _bytes.Advance(1);
    }

    public void UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.GetSpan(2), (ushort)value);
        _bytes.Advance(2);
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
    }

    public void Variable(int value) => _bytes.Advance(VariableInt.Write(_bytes.GetSpan(4), value));

    public void Binary(ReadOnlySpan<byte> value)
    {
        RequireLength(value.Length);
        UInt16(value.Length);
        _bytes.Write(value);
    }

    public void Text(string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        RequireLength(bytes);
        UInt16(bytes);
        _bytes.Advance(Encoding.UTF8.GetBytes(value, _bytes.GetSpan(bytes)));
    }

    /// <summary>The length of the properties, and the properties (2.2.2).</summary>
    public void Properties(PropertySet? properties)
    {
        PacketWriter block = new();
        properties?.Write(block);
        Variable(block.Bytes);
        _bytes.Write(block._bytes.WrittenSpan);
    }

    /// <summary>The whole packet: the fixed header, and what was written.</summary>
    public byte[] ToPacket(PacketType type)
    {
        if (Bytes > VariableInt.Max)
            throw new ArgumentException($"A {type} of {Bytes} bytes: a packet has at most {VariableInt.Max}.");
        byte[] packet = new byte[1 + VariableInt.Bytes(Bytes) + Bytes];
        packet[0] = PacketHeader.FirstByte(type);
        int header = 1 + VariableInt.Write(packet.AsSpan(1), Bytes);
        _bytes.WrittenSpan.CopyTo(packet.AsSpan(header));
        return packet;
    }

    private static void RequireLength(int bytes)
    {
        if (bytes > ushort.MaxValue)
            throw new ArgumentException($"A text or binary field has {bytes} bytes; at most 65535 fit (MQTT 5, 1.5.4).");
    }
}
