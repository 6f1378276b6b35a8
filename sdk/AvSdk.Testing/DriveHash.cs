using System.Buffers.Binary;
using System.Security.Cryptography;
using AvSdk.Mcap;

namespace AvSdk.Testing;

/// <summary>
/// What a drive is, topic by topic: SHA-256 over log time (8 bytes little-endian), sequence (4 bytes
/// little-endian) and payload of each message in the topic's order. Two ways of a drive that agree in it
/// lost nothing, doubled nothing, and kept the order within each topic.
/// </summary>
/// <remarks>One thread at a time.</remarks>
public sealed class DriveHash : IDisposable
{
    private const int StampBytes = sizeof(ulong) + sizeof(uint);

    private readonly Dictionary<string, Topic> _topics = new(StringComparer.Ordinal);

    /// <summary>Messages added so far.</summary>
    public ulong Messages { get; private set; }

    /// <summary>Bytes of payload added so far.</summary>
    public ulong PayloadBytes { get; private set; }

    /// <summary>The topics, in ordinal order.</summary>
    public IReadOnlyList<string> Topics => [.. _topics.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Adds a message; those of a topic in its order.</summary>
    /// <param name="topic">Its topic.</param>
    /// <param name="logTime">Nanoseconds since 1970.</param>
    /// <param name="sequence">The source's number.</param>
    /// <param name="payload">Borrowed until the call returns.</param>
    public void Add(string topic, ulong logTime, uint sequence, ReadOnlySpan<byte> payload)
    {
        if (!_topics.TryGetValue(topic, out Topic? at))
            _topics.Add(topic, at = new Topic());

        Span<byte> stamp = stackalloc byte[StampBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(stamp, logTime);
        BinaryPrimitives.WriteUInt32LittleEndian(stamp[sizeof(ulong)..], sequence);
        at.Hash.AppendData(stamp);
        at.Hash.AppendData(payload);
        at.Messages++;
        Messages++;
        PayloadBytes += (ulong)payload.Length;
    }

    /// <summary>The hash of all messages of an MCAP file; the caller's to dispose.</summary>
    /// <exception cref="McapException">It is not a good MCAP file.</exception>
    public static DriveHash OfMcap(Stream file)
    {
        using McapStreamReader reader = new(file, leaveOpen: true);
        DriveHash hash = new();
        while (reader.ReadMessage())
        {
            McapMessageView message = reader.Message;
            hash.Add(reader.MessageChannel.Topic, message.LogTime, message.Sequence, message.Data);
        }

        return hash;
    }

    /// <summary>Messages of a topic; 0 where there is none of it.</summary>
    public ulong MessagesOf(string topic) => _topics.TryGetValue(topic, out Topic? at) ? at.Messages : 0;

    /// <summary>
    /// The hash of a topic so far, 64 lower-case hexadecimal digits; more may be added after.
    /// </summary>
    /// <exception cref="KeyNotFoundException">No message of the topic was added.</exception>
    public string Sha256Of(string topic) => Convert.ToHexStringLower(_topics[topic].Hash.GetCurrentHash());

    /// <summary>The hash of each topic so far, in ordinal order of topic.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary() => new SortedDictionary<string, string>(
        _topics.Keys.ToDictionary(static topic => topic, Sha256Of), StringComparer.Ordinal);

    /// <summary>
    /// What is not the same in another drive, a sentence a topic; empty: the drives are identical.
    /// </summary>
    public IReadOnlyList<string> DifferencesFrom(DriveHash expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        List<string> differences = [];
        foreach (string topic in _topics.Keys.Union(expected._topics.Keys).Order(StringComparer.Ordinal))
        {
            ulong here = MessagesOf(topic), there = expected.MessagesOf(topic);
            if (here != there)
                differences.Add($"{topic}: {here} messages, expected {there}");
            else if (Sha256Of(topic) != expected.Sha256Of(topic))
                differences.Add($"{topic}: {here} messages as expected, but times, order or content differ");
        }

        return differences;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Topic topic in _topics.Values)
            topic.Hash.Dispose();
        _topics.Clear();
    }

    private sealed class Topic
    {
        public IncrementalHash Hash { get; } = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public ulong Messages { get; set; }
    }
}
