namespace AvSdk.Mcap;

/// <summary>What makes a good file slow or hard to use.</summary>
internal static class FileAdvice
{
    private const int ManyChunks = 1000;
    private const ulong TinyChunkBytes = 64 * 1024;
    private const ulong FarBack = 10_000_000_000;
    private const int DeepOverlap = 16;

    private static readonly string[] s_needSchema = ["protobuf", "flatbuffer", "ros1", "cdr"];

    public static void Give(CheckedFile file, SummaryCheck summary, bool isSealed, FindingList findings)
    {
        GiveOnIndexes(file, summary, isSealed, findings);
        GiveOnChunks(file, findings);
        GiveOnTimes(file, findings);
        GiveOnChannels(file, findings);
    }

    private static void GiveOnIndexes(CheckedFile file, SummaryCheck summary, bool isSealed, FindingList findings)
    {
        if (!isSealed)
        {
            findings.Warning("unsealed", 0, "The file has no footer: its writer did not finish it.",
                "Recover it: that writes it again with indexes and statistics.");
        }
        else if (file.Chunks.Count > 0 && !summary.HasChunkIndexes)
        {
            findings.Warning("no-chunk-index", 0, $"The {file.Chunks.Count} chunks are in no index: readers must scan the file.",
                "Recover it, or write it with chunk indexes.");
        }

        if (file.LooseMessages > 0)
        {
            findings.Warning("unchunked", 0,
                $"{file.LooseMessages} messages stand outside of chunks: they are not compressed, not indexed, and no "
                + "checksum of their own tells damage.", "Recover it, or write it with chunks.");
        }

        if (file.ChunksWithoutIndexes > 0)
        {
            findings.Warning("no-message-index", 0,
                $"{file.ChunksWithoutIndexes} of {file.Chunks.Count} chunks have no message indexes: a reader that wants "
                + "one topic must decompress them all.", "Recover it, or write it with message indexes.");
        }

        if (file.ChunksWithoutCrc > 0)
        {
            findings.Warning("chunk-no-crc", 0,
                $"{file.ChunksWithoutCrc} of {file.Chunks.Count} chunks have no CRC: damage in them goes unnoticed.",
                "Write it with chunk CRCs.");
        }
    }

    private static void GiveOnChunks(CheckedFile file, FindingList findings)
    {
        if (file.Chunks.Count == 0)
            return;
        ulong average = (ulong)file.Chunks.Values.Average(c => (double)c.UncompressedSize);
        if (file.Chunks.Count >= ManyChunks && average < TinyChunkBytes)
        {
            findings.Warning("chunks-tiny", 0,
                $"{file.Chunks.Count} chunks of {average} bytes on average: the index is large and remote viewing slow.",
                "Write it again with chunks of 1 to 4 MiB.");
        }

        (int depth, ulong bytes) = DeepestOverlap(file.Chunks.Values);
        if (depth >= DeepOverlap)
        {
            findings.Warning("chunks-overlap", 0,
                $"Up to {depth} chunks hold messages of the same moment: reading in log-time order keeps them, "
                + $"{bytes} bytes, in memory at once.", "Write it again in the order of log time.");
        }
    }

    private static void GiveOnTimes(CheckedFile file, FindingList findings)
    {
        if (file.StepBack > FarBack)
        {
            findings.Warning("out-of-order", file.StepBackOffset,
                $"Log times step back by up to {file.StepBack / 1e9:0.0} s in the file's order.",
                "Write it again in the order of log time, or look for a clock that was set while recording.");
        }

        if (file.EarlyMessages > 0)
        {
            findings.Warning("time-near-1970", 0,
                $"{file.EarlyMessages} messages have a log time within a year of 1970.",
                "Log times are nanoseconds since 1970: look for a clock that counts from the start of the machine, or "
                + "for another unit.");
        }
    }

    private static void GiveOnChannels(CheckedFile file, FindingList findings)
    {
        foreach (McapChannel channel in file.Channels.Values.OrderBy(c => c.Id))
        {
            McapSchema? schema = file.Schemas.GetValueOrDefault(channel.SchemaId);
            if (s_needSchema.Contains(channel.MessageEncoding) && (schema is null || schema.Data.IsEmpty))
            {
                findings.Warning("schema-empty", 0,
                    $"Channel {channel.Id} ({channel.Topic}) is encoded as {channel.MessageEncoding} and has no schema: "
                    + "nobody can decode it without knowing its type.", "Write it with its schema.");
            }
        }

        foreach (IGrouping<string, McapChannel> topic in file.Channels.Values.GroupBy(c => c.Topic).Where(g => g.Count() > 1))
        {
            findings.Warning("topic-twice", 0,
                $"Channels {string.Join(", ", topic.Select(c => c.Id).Order())} share the topic \"{topic.Key}\".",
                "Viewers mix them up: give each a topic, or write them as one channel.");
        }
    }

    // Chunks open at one moment, and their bytes when decompressed.
    private static (int Depth, ulong Bytes) DeepestOverlap(IEnumerable<McapChunkIndex> chunks)
    {
        PriorityQueue<ulong, ulong> open = new();
        int depth = 0;
        ulong bytes = 0;
        ulong most = 0;
        foreach (McapChunkIndex chunk in chunks.Where(c => c.MessageEndTime > 0).OrderBy(c => c.MessageStartTime))
        {
            while (open.TryPeek(out ulong closing, out ulong end) && end < chunk.MessageStartTime)
            {
                open.Dequeue();
                bytes -= closing;
            }

            open.Enqueue(chunk.UncompressedSize, chunk.MessageEndTime);
            bytes += chunk.UncompressedSize;
            depth = Math.Max(depth, open.Count);
            most = Math.Max(most, bytes);
        }

        return (depth, most);
    }
}
