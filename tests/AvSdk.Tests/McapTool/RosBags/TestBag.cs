using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using AvSdk.Lz4;

namespace AvSdk.Tests.McapTool.RosBags;

/// <summary>Writes a ROS bag of format 2.0, as wiki.ros.org/Bags/Format/2.0 has it.</summary>
internal sealed class TestBag
{
    private readonly ArrayBufferWriter<byte> _file = new();
    private readonly ArrayBufferWriter<byte> _chunk = new();

    public TestBag()
    {
        _file.Write("#ROSBAG V2.0\n"u8);
        // Padded with spaces to 4 KiB, so that it can be written again at the end.
        byte[] header = Fields(("op", [3]), ("index_pos", new byte[8]), ("conn_count", UInt32(2)), ("chunk_count", UInt32(1)));
        byte[] padding = new byte[4096 - header.Length - 8];
        padding.AsSpan().Fill((byte)' ');
        Write(_file, header, padding);
    }

    public byte[] ToArray() => _file.WrittenSpan.ToArray();

    public TestBag Connection(uint id, string topic, string type, string definition, string caller)
    {
        Write(_chunk, Fields(("op", [7]), ("conn", UInt32(id)), ("topic", Text(topic))), Fields(
            ("topic", Text(topic)), ("type", Text(type)), ("md5sum", Text("0123456789abcdef")),
            ("message_definition", Text(definition)), ("callerid", Text(caller)), ("latching", Text("1"))));
        return this;
    }

    public TestBag Message(uint connection, uint seconds, uint nanoseconds, params byte[] data)
    {
        Write(_chunk,
            Fields(("op", [2]), ("conn", UInt32(connection)), ("time", [.. UInt32(seconds), .. UInt32(nanoseconds)])), data);
        return this;
    }

    /// <summary>Ends the chunk and writes an index behind it.</summary>
    public TestBag Chunk(string compression)
    {
        byte[] plain = _chunk.WrittenSpan.ToArray();
        byte[] data = plain;
        if (compression == "lz4")
        {
            data = new byte[Lz4Frame.CompressBound(plain.Length, Lz4FrameOptions.Default)];
            data = data[..Lz4Frame.Compress(plain, data, Lz4FrameOptions.Default)];
        }

        Write(_file, Fields(("op", [5]), ("compression", Text(compression)), ("size", UInt32((uint)plain.Length))), data);
        Write(_file, Fields(("op", [4]), ("ver", UInt32(1)), ("conn", UInt32(0)), ("count", UInt32(0))), []);
        _chunk.Clear();
        return this;
    }

    private static byte[] Fields(params (string Name, byte[] Value)[] fields)
    {
        using MemoryStream header = new();
        foreach ((string name, byte[] value) in fields)
        {
            header.Write(UInt32((uint)(name.Length + 1 + value.Length)));
            header.Write(Text(name + "="));
            header.Write(value);
        }

        return header.ToArray();
    }

    private static void Write(ArrayBufferWriter<byte> to, byte[] header, byte[] data)
    {
        to.Write(UInt32((uint)header.Length));
        to.Write(header);
        to.Write(UInt32((uint)data.Length));
        to.Write(data);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] UInt32(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
