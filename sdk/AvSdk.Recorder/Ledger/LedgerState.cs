using AvSdk.Contracts.Ledger;
using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Ledger;

/// <summary>What the durable entries of a ledger say, put together.</summary>
internal sealed class LedgerState
{
    public LedgerChain Chain { get; set; } = LedgerChain.Empty;

    /// <summary>Of the last part that named it; null: no part was begun.</summary>
    public RecordingInfo? Info { get; private set; }

    public bool IsEnded { get; private set; }

    /// <summary>Entries since the last signature.</summary>
    public long Unsigned { get; private set; }

    public Dictionary<uint, LedgerChannel> Channels { get; private init; } = [];

    public Dictionary<(uint ChannelId, string Reason), ulong> Drops { get; private init; } = [];

    /// <summary>By lane, the largest sequence with an end, and the latest log time.</summary>
    public Dictionary<string, (ulong Sequence, ulong LogTime)> Lanes { get; private init; } = [];

    public void Apply(LedgerEntry entry)
    {
        Info = entry.Began?.Recording ?? Info;
        IsEnded |= entry.Ended is not null;
        Unsigned = entry.Signature is null ? Unsigned + 1 : 0;
        foreach (LedgerChannel channel in entry.Channels)
            Channels[channel.ChannelId] = channel;
        foreach (LedgerDrops drops in entry.Drops)
        {
            (uint, string) key = (drops.ChannelId, drops.Reason);
            Drops[key] = Drops.GetValueOrDefault(key) + drops.Messages;
        }

        foreach (LedgerChunks chunks in entry.Chunks)
        {
            (ulong sequence, ulong logTime) = Lanes.GetValueOrDefault(chunks.Lane);
            Lanes[chunks.Lane] = (
                Math.Max(sequence, chunks.LastSequence), Math.Max(logTime, chunks.FirstLogTime + chunks.SpanNs));
        }

        foreach (LedgerLaneEnd lane in entry.Ended?.Lanes ?? [])
        {
            (ulong sequence, ulong logTime) = Lanes.GetValueOrDefault(lane.Lane);
            Lanes[lane.Lane] = (Math.Max(sequence, lane.LastSequence), logTime);
        }
    }

    public LedgerState Clone() => new()
    {
        Chain = Chain,
        Info = Info,
        IsEnded = IsEnded,
        Unsigned = Unsigned,
        Channels = new Dictionary<uint, LedgerChannel>(Channels),
        Drops = new Dictionary<(uint, string), ulong>(Drops),
        Lanes = new Dictionary<string, (ulong, ulong)>(Lanes),
    };
}
