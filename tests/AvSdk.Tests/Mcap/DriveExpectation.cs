using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using AvSdk.Mcap;

namespace AvSdk.Tests.Mcap;

/// <summary>The truth beside a drive: counts and hashes by topic, attachments, metadata.</summary>
internal sealed class DriveExpectation
{
    private readonly JsonElement _root;

    private DriveExpectation(JsonElement root) => _root = root;

    public JsonElement Root => _root;

    public static DriveExpectation Of(string mcapPath) =>
        new(JsonDocument.Parse(
            File.ReadAllBytes(Path.ChangeExtension(mcapPath, ".expect.json"))).RootElement);

    /// <summary>Topic to (messages, hash).</summary>
    public Dictionary<string, (long Count, string Hash)> Topics(JsonElement? of = null) => (of ?? _root)
        .GetProperty("topics").EnumerateArray().ToDictionary(
            t => t.GetProperty("topic").GetString()!,
            t => (t.GetProperty("message_count").GetInt64(), t.GetProperty("sha256").GetString()!));

    public List<(string Name, string MediaType, string LogTime, long Bytes, string Hash)> Attachments() =>
        [.. _root.GetProperty("attachments").EnumerateArray().Select(a => (
            a.GetProperty("name").GetString()!, a.GetProperty("media_type").GetString()!,
            a.GetProperty("log_time").GetString()!, a.GetProperty("size").GetInt64(),
            a.GetProperty("sha256").GetString()!))];

    public List<McapMetadata> Metadata() =>
        [.. _root.GetProperty("metadata").EnumerateArray().Select(m => new McapMetadata(
            m.GetProperty("name").GetString()!,
            m.GetProperty("values").EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString()!)))];

    public static (string Name, string MediaType, string LogTime, long Bytes, string Hash) Describe(
        McapAttachment attachment) => (attachment.Name, attachment.MediaType,
        attachment.LogTime.ToString(System.Globalization.CultureInfo.InvariantCulture),
                attachment.Data.Length,
            Convert.ToHexStringLower(SHA256.HashData(attachment.Data.Span)));

    /// <summary>SHA-256 by topic over log time, sequence and payload of each message.</summary>
    internal sealed class Hashes
    {
        private readonly Dictionary<string, (long Count, IncrementalHash Hash)> _topics = [];

        public void Add(string topic, in McapMessageView message)
        {
            if (!_topics.TryGetValue(topic, out (long Count, IncrementalHash Hash) state))
                state = (0, IncrementalHash.CreateHash(HashAlgorithmName.SHA256));
            Span<byte> stamp = stackalloc byte[12];
            BinaryPrimitives.WriteUInt64LittleEndian(stamp, message.LogTime);
            BinaryPrimitives.WriteUInt32LittleEndian(stamp[8..], message.Sequence);
            state.Hash.AppendData(stamp);
            state.Hash.AppendData(message.Data);
            _topics[topic] = (state.Count + 1, state.Hash);
        }

        public Dictionary<string, (long Count, string Hash)> Result() => _topics.ToDictionary(
            t => t.Key, t => (t.Value.Count, Convert.ToHexStringLower(t.Value.Hash.GetCurrentHash())));
    }
}
