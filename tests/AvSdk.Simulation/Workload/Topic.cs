using System.Buffers.Binary;
using AvSdk.Recording;

namespace AvSdk.Simulation.Workload;

/// <summary>
/// One topic of one car: what it sends, and every message that it ever offered. Outlives the recorder's lives.
/// </summary>
internal sealed class Topic(int seed, string name, LaneOptions lane, bool isOfSource)
{
    private readonly List<Message> _messages = [];

    public string Name { get; } = name;

    public LaneOptions Lane { get; } = lane;

    /// <summary>Written by a source that resumes; its ordinals are the topic's.</summary>
    public bool IsOfSource { get; } = isOfSource;

    public required TimeSpan Period { get; init; }

    public required int BurstMax { get; init; }

    public required int SizeMax { get; init; }

    public required bool IsCompressible { get; init; }

    /// <summary>By ordinal, from 1.</summary>
    public IReadOnlyList<Message> Messages => _messages;

    /// <summary>Is durable when it counts: a power cut does not take it.</summary>
    public bool IsFlushed => Lane.Durability is not LaneDurability.InMemory;

    public ChannelSpec Spec => new()
    {
        Topic = Name,
        MessageEncoding = "json",
        Lane = Lane.Name,
        Schema = IsCompressible
            ? new SchemaSpec("sim." + Name[1..], "jsonschema", "{\"type\":\"object\"}"u8.ToArray())
            : null,
    };

    /// <summary>The next message of the topic.</summary>
    public Message Add(Random chance, ulong logTime)
    {
        // Mostly small, now and then as large as it gets, sometimes nothing at all.
        double share = chance.NextDouble();
        int size = chance.Next(20) == 0 ? 0 : (int)(SizeMax * share * share * share * share);
        if (chance.Next(30) == 0)
            size = SizeMax;
        Message message = new(_messages.Count + 1, logTime, size);
        _messages.Add(message);
        return message;
    }

    /// <summary>The bytes of a message, always the same.</summary>
    public byte[] Payload(Message message)
    {
        byte[] payload = new byte[message.Size];
        ulong state = ((ulong)(uint)seed << 32) ^ ((ulong)message.Ordinal * 0x9E3779B97F4A7C15);
        int mask = IsCompressible ? 0x03 : 0xFF;
        for (int at = 0; at < payload.Length; at += 8)
        {
            state += 0x9E3779B97F4A7C15;
            ulong z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            z &= 0x0101010101010101UL * (ulong)mask;
            if (payload.Length - at >= 8)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(at), z);
                continue;
            }

            for (int rest = at; rest < payload.Length; rest++, z >>= 8)
                payload[rest] = (byte)z;
        }

        return payload;
    }

    public MessageStamp Stamp(Message message) =>
        new(message.LogTime, message.LogTime ^ (ulong)message.Ordinal, (uint)message.Ordinal);
}

/// <summary>A message that was offered, and what became of each time that it was.</summary>
internal sealed class Message(int ordinal, ulong logTime, int size)
{
    public int Ordinal { get; } = ordinal;

    public ulong LogTime { get; } = logTime;

    public int Size { get; } = size;

    /// <summary>The life that accepted it last; null: none did.</summary>
    public LifeTopic? AcceptedIn { get; set; }

    /// <summary>The life that was asked to take it and ended before it answered.</summary>
    public LifeTopic? InDoubtIn { get; set; }

    /// <summary>It was refused: counted, and never to be stored after.</summary>
    public bool WasDropped { get; set; }
}
