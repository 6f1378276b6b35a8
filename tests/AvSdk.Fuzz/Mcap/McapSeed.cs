using System.Buffers.Binary;
using System.Collections.Frozen;
using AvSdk.Mcap;

namespace AvSdk.Fuzz.Mcap;

/// <summary>A good file, and what a reader may say of it: its messages.</summary>
public sealed class McapSeed
{
    private McapSeed(string name, byte[] bytes, FrozenSet<ulong> messages, long count)
    {
        Name = name;
        Bytes = bytes;
        Messages = messages;
        Count = count;
    }

    public string Name { get; }

    public byte[] Bytes { get; }

    public FrozenSet<ulong> Messages { get; }

    public long Count { get; }

    public static McapSeed Of(string name, byte[] bytes)
    {
        HashSet<ulong> messages = [];
        long count = 0;
        using McapStreamReader reader = new(new MemoryStream(bytes));
        while (reader.ReadMessage())
        {
            messages.Add(Key(reader.Message));
            count++;
        }

        return new McapSeed(name, bytes, messages.ToFrozenSet(), count);
    }

    /// <summary>A number that stands for all of a message.</summary>
    public static ulong Key(in McapMessageView message)
    {
        ulong key = 0xCBF29CE484222325;
        Add(ref key, message.ChannelId);
        Add(ref key, message.Sequence);
        Add(ref key, message.LogTime);
        Add(ref key, message.PublishTime);
        Add(ref key, (ulong)message.Data.Length);
        ReadOnlySpan<byte> data = message.Data;
        for (; data.Length >= 8; data = data[8..])
            Add(ref key, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (byte value in data)
            Add(ref key, value);
        return key;
    }

    private static void Add(ref ulong key, ulong value)
    {
        key = (key ^ value) * 0x9E3779B97F4A7C15;
        key ^= key >> 29;
    }
}
