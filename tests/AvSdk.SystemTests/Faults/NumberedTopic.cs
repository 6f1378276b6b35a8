using System.Buffers.Binary;

namespace AvSdk.SystemTests.Faults;

/// <summary>
/// A topic whose n-th message can be made again from n: what comes back needs no copy to be compared with.
/// </summary>
internal sealed record NumberedTopic(string Name, string Lane, int PayloadBytesMin, int PayloadBytesMax)
{
    private const ulong LogTimeStart = 1_700_000_000_000_000_000;
    private const ulong LogTimeStep = 1_000_000;

    /// <summary>A lane of each contract, and a channel large enough for chunks of its own.</summary>
    public static IReadOnlyList<NumberedTopic> All { get; } =
    [
        new("/event", "sync", 16, 200),
        new("/imu", "interval", 16, 1_200),
        new("/debug", "memory", 16, 1_200),
        new("/camera", "interval", 20_000, 60_000),
    ];

    /// <summary>
    /// The lanes that <see cref="All"/> goes to, as the agent's configuration has them. The further settings are not the
    /// sync lane's: it keeps what it accepted, and refuses when the disk is full.
    /// </summary>
    public static string Lanes(string furtherSettings = "") => $$"""
        "lanes": [
          { "name": "sync", "priority": 2, "durability": "sync", "chunkWindow": "20 ms" },
          { "name": "interval", "priority": 1, "durability": "interval", "flushInterval": "60 ms",
            "chunkWindow": "30 ms", "segmentBytesMax": "1 MiB", "largeMessageBytes": "16 KiB" {{furtherSettings}} },
          { "name": "memory", "durability": "memory", "chunkWindow": "20 ms", "segmentBytesMax": "1 MiB" {{furtherSettings}} }
        ]
        """;

    public static NumberedTopic Find(string name) => All.Single(topic => topic.Name == name);

    public static ulong LogTime(uint number) => LogTimeStart + (number * LogTimeStep);

    /// <summary>Does not compress, so that sizes on disk are what they seem.</summary>
    public byte[] Payload(uint number)
    {
        ulong state = ((ulong)number << 20) ^ Name.Aggregate(0xcbf29ce484222325, static (hash, c) => (hash ^ c) * 0x100000001b3);
        Next(ref state);
        byte[] payload = new byte[PayloadBytesMin + (int)(Next(ref state) % (ulong)(PayloadBytesMax - PayloadBytesMin))];
        Span<byte> rest = payload;
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
            BinaryPrimitives.WriteUInt64LittleEndian(rest, Next(ref state));
        return payload;
    }

    // xorshift64*
    private static ulong Next(ref ulong state)
    {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return state * 0x2545F4914F6CDD1D;
    }
}
