using AvSdk.Mcap.Tool.Progress;

namespace AvSdk.Mcap.Tool.Reports;

/// <summary>Reads all of a file to see where its bytes go.</summary>
internal sealed class DiskUse
{
    // Opcode and length before each record.
    private const int RecordPrefixBytes = 9;

    private readonly Dictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (ulong Count, ulong Bytes)> _records = new(StringComparer.Ordinal);
    private double _storedPerPlain = 1;

    /// <exception cref="McapException">The bytes are not good.</exception>
    public static DiskUseReport Of(
        string name, long fileBytes, McapStreamReader reader, IProgress<WorkDone>? progress,
        CancellationToken cancellationToken)
    {
        DiskUse use = new();
        ulong records = 0;
        while (reader.Read())
        {
            use.Take(reader);
            if (WorkDone.IsTime(++records))
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Report(new WorkDone(reader.RecordOffset, fileBytes));
            }
        }

        return use.Report(name, fileBytes);
    }

    private void Take(McapStreamReader reader)
    {
        ulong bytes = (ulong)(RecordPrefixBytes + reader.Content.Length);
        if (!reader.IsInChunk)
        {
            string kind = (byte)reader.Opcode >= McapRecordWriter.PrivateOpcodeMin
                ? $"Private 0x{(byte)reader.Opcode:x2}" : reader.Opcode.ToString();
            (ulong count, ulong sum) = _records.GetValueOrDefault(kind);
            _records[kind] = (count + 1, sum + bytes);
            _storedPerPlain = 1;
        }

        if (reader.Opcode == McapOpcode.Chunk
            && McapRecordReader.TryParseChunk(reader.Content, McapLimits.Default, out McapChunkView chunk, out _))
        {
            _storedPerPlain = chunk.UncompressedSize == 0 ? 1 : (double)chunk.Records.Length / chunk.UncompressedSize;
        }
        else if (reader.Opcode == McapOpcode.Message)
        {
            string name = reader.MessageChannel.Topic;
            if (!_topics.TryGetValue(name, out Topic? topic))
                _topics.Add(name, topic = new Topic());
            topic.Messages++;
            topic.PayloadBytes += (ulong)reader.Message.Data.Length;
            topic.StoredBytes += bytes * _storedPerPlain;
        }
    }

    private DiskUseReport Report(string name, long fileBytes)
    {
        double payload = Math.Max(1, _topics.Values.Sum(topic => (double)topic.PayloadBytes));
        double file = Math.Max(1, fileBytes);
        return new DiskUseReport(
            name,
            fileBytes,
            [
                .. _topics.OrderByDescending(pair => pair.Value.StoredBytes).Select(pair => new TopicUse(
                    pair.Key, pair.Value.Messages, pair.Value.PayloadBytes, Share(pair.Value.PayloadBytes / payload),
                    (ulong)Math.Round(pair.Value.StoredBytes), Share(pair.Value.StoredBytes / file))),
            ],
            [
                .. _records.OrderByDescending(pair => pair.Value.Bytes).Select(pair => new RecordUse(
                    pair.Key, pair.Value.Count, pair.Value.Bytes, Share(pair.Value.Bytes / file))),
            ]);
    }

    private static double Share(double share) => Math.Round(share, 6);

    private sealed class Topic
    {
        public ulong Messages { get; set; }

        public ulong PayloadBytes { get; set; }

        public double StoredBytes { get; set; }
    }
}
