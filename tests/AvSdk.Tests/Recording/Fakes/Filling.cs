using AvSdk.Recording;
using AvSdk.Recording.Spool;

namespace AvSdk.Tests.Recording.Fakes;

/// <summary>Fills spools chunk by chunk: a message of 60,000 bytes is a chunk, its number its sequence.</summary>
internal static class Filling
{
    public const int MessageBytes = 60_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A lane of small segments that is not flushed, and evicts.</summary>
    public static LaneOptions Lane(string name, WhenFull whenFull = WhenFull.EvictOldest) => Bench.Lane(name) with
    {
        Durability = LaneDurability.Memory,
        WhenFull = whenFull,
        QuotaBytes = 4 << 20,
        SegmentBytesMax = 1 << 20,
    };

    /// <summary>Writes messages first to last, a millisecond of log time each, a chunk each; returns those refused.</summary>
    public static async Task<List<uint>> FillAsync(LocalRecorder recorder, string topic, string lane, uint first, uint last)
    {
        RecordingChannel channel = recorder.Channel(Bench.Spec(topic, lane));
        List<uint> refused = [];
        for (uint number = first; number <= last; number++)
        {
            if (channel.WriteRaw(Bench.At(number, number), Bench.Payload(number, MessageBytes)) != WriteResult.Accepted)
                refused.Add(number);
            await recorder.FlushAsync(Ct);
        }

        return refused;
    }

    /// <summary>The numbers of a topic's messages that are in the spool, in order.</summary>
    public static List<uint> Kept(Bench bench, string topic) =>
        [.. bench.ReadAll().Where(message => message.Topic == topic).Select(message => message.Sequence).Order()];

    /// <summary>Bytes of all segments.</summary>
    public static long Bytes(MemoryFiles files) => files.List()
        .Where(static file => file.Name.EndsWith(".mcap", StringComparison.Ordinal)).Sum(static file => file.LengthBytes);

    /// <summary>What the journal has of chunks that were evicted.</summary>
    public static List<JournalRecord.ChunksEnded> Evictions(MemoryFiles files)
    {
        List<JournalRecord.ChunksEnded> evictions = [];
        ReadOnlySpan<byte> rest = files.Read("journal").AsSpan(JournalCodec.Magic.Length);
        while (JournalCodec.TryRead(rest, out JournalRecord? record, out int bytes))
        {
            if (record is JournalRecord.ChunksEnded { End: ChunkEnd.Evicted } ended)
                evictions.Add(ended);
            rest = rest[bytes..];
        }

        return evictions;
    }
}
