using AvSdk.Contracts.V1;

namespace AvSdk.Contracts.Ledger;

/// <summary>Messages of one channel that share an end.</summary>
internal readonly record struct LedgerLoss(uint ChannelId, ulong Messages, ulong FirstLogTime, ulong LastLogTime);

/// <summary>What of a stretch of sequences was new to the account, and which of its chunks are known.</summary>
internal sealed class LedgerStretch
{
    /// <summary>None of its sequences had an end before.</summary>
    public bool IsWhole { get; set; } = true;

    /// <summary>Sequences that had none.</summary>
    public ulong Chunks { get; set; }

    public List<LedgerChunkFact> Stored { get; } = [];

    /// <summary>Known, and not stored.</summary>
    public List<LedgerChunkFact> Others { get; } = [];

    /// <summary>Some of the chunks that are not stored are counted nowhere.</summary>
    public bool HasUncounted(LedgerChunks chunks) =>
        !AllAreKnown && (!IsWhole || chunks.UncountedChunks > 0);

    /// <summary>By channel, the messages of the chunks that are not stored.</summary>
    public IEnumerable<LedgerLoss> Losses(LedgerChunks chunks)
    {
        if (AllAreKnown || !IsWhole)
        {
            foreach (LedgerChunkFact chunk in Others)
            {
                foreach (ChunkChannel channel in chunk.Channels)
                    yield return new LedgerLoss(channel.ChannelId, channel.Messages, chunk.FirstLogTime, chunk.LastLogTime);
            }

            yield break;
        }

        Dictionary<uint, ulong> stored = [];
        foreach (ChunkChannel channel in Stored.SelectMany(static chunk => chunk.Channels))
            stored[channel.ChannelId] = stored.GetValueOrDefault(channel.ChannelId) + channel.Messages;
        ulong last = chunks.FirstLogTime + chunks.SpanNs;
        foreach (LedgerCount count in chunks.Counts)
        {
            ulong messages = Left(count.Messages, stored.GetValueOrDefault(count.ChannelId));
            if (messages > 0)
            {
                yield return new LedgerLoss(
                    count.ChannelId, messages, chunks.FirstLogTime + count.BeginsAfterNs, last - count.EndsBeforeNs);
            }
        }
    }

    private bool AllAreKnown => (ulong)(Stored.Count + Others.Count) == Chunks;

    private static ulong Left(ulong messages, ulong stored) => messages > stored ? messages - stored : 0;
}
