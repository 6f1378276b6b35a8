using AvSdk.Contracts.V1;
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Ledger;

/// <summary>
/// What happened and is not in the ledger yet, put together: drops by channel and reason, ends of chunks by lane, end
/// and reason. Its size depends on how many of these there are, not on how long the disk refuses. Pure; not safe for
/// threads.
/// </summary>
internal sealed class LedgerTally
{
    // Far below what an entry may have; a page of the upload takes several.
    private const int EntryBytesTarget = 48 << 10;

    private readonly SortedDictionary<uint, LedgerChannel> _channels = [];
    private readonly Dictionary<(uint ChannelId, string Reason), DropTally> _drops = [];
    private readonly Dictionary<(string Lane, ChunkEnd End, string Reason), List<StretchTally>> _ends = [];

    public LedgerBegan? Began { get; set; }

    public LedgerGap? Gap { get; set; }

    public LedgerEnded? Ended { get; set; }

    /// <summary>Bytes of the chunks that ended.</summary>
    public long EndedBytes { get; private set; }

    public bool IsEmpty =>
        _channels.Count == 0 && _drops.Count == 0 && _ends.Count == 0 && Began is null && Gap is null && Ended is null;

    /// <summary>Messages are lost.</summary>
    public bool HasLosses =>
        _drops.Count > 0 || Gap is not null || _ends.Keys.Any(static key => key.End != ChunkEnd.Delivered);

    /// <summary>Something is lost, or begins or ends: it is written soon. What was delivered can wait.</summary>
    public bool IsUrgent => HasLosses || Began is not null || Ended is not null;

    public void AddChannel(LedgerChannel channel) => _channels[channel.ChannelId] = channel;

    public void AddDrop(uint channelId, string reason, in DropTally drop) =>
        _drops[(channelId, reason)] = _drops.GetValueOrDefault((channelId, reason)).Plus(drop);

    public void AddEnd(string lane, ChunkEnd end, string reason, StretchTally stretch, long bodyBytes)
    {
        EndedBytes += bodyBytes;
        if (!_ends.TryGetValue((lane, end, reason), out List<StretchTally>? stretches))
            _ends.Add((lane, end, reason), stretches = []);
        // Chunks end nearly in order.
        for (int at = stretches.Count - 1; at >= 0; at--)
        {
            StretchTally grown = stretches[at];
            if (!grown.TryTake(stretch))
                continue;
            int touching = stretches.FindIndex(other => other != grown && grown.TryTake(other));
            if (touching >= 0)
                stretches.RemoveAt(touching);
            return;
        }

        stretches.Add(stretch);
    }

    /// <summary>Adds what came later.</summary>
    public void Absorb(LedgerTally later)
    {
        foreach (LedgerChannel channel in later._channels.Values)
            AddChannel(channel);
        foreach (((uint channelId, string reason), DropTally drop) in later._drops)
            AddDrop(channelId, reason, drop);
        foreach (((string lane, ChunkEnd end, string reason), List<StretchTally> stretches) in later._ends)
        {
            foreach (StretchTally stretch in stretches)
                AddEnd(lane, end, reason, stretch, 0);
        }

        EndedBytes += later.EndedBytes;
        Began = later.Began ?? Began;
        Gap = later.Gap ?? Gap;
        Ended = later.Ended ?? Ended;
    }

    /// <summary>As entries, without their places in the chain; few, and none too large.</summary>
    public List<LedgerEntry> ToEntries()
    {
        List<LedgerEntry> entries = [];
        LedgerEntry entry = new() { Began = Began };
        int bytes = Began?.CalculateSize() ?? 0;
        LedgerEntry Room(int more)
        {
            if (bytes > 0 && bytes + more > EntryBytesTarget)
            {
                entries.Add(entry);
                entry = new LedgerEntry();
                bytes = 0;
            }

            bytes += more + 4;
            return entry;
        }

        foreach (LedgerChannel channel in _channels.Values)
            Room(channel.CalculateSize()).Channels.Add(channel);
        foreach (LedgerChunks chunks in Chunks())
            Room(chunks.CalculateSize()).Chunks.Add(chunks);
        foreach (((uint channelId, string reason), DropTally drop) in _drops)
        {
            LedgerDrops drops = new()
            {
                ChannelId = channelId,
                Messages = drop.Messages,
                Reason = reason,
                FirstLogTime = drop.FirstLogTime,
                SpanNs = drop.LastLogTime - drop.FirstLogTime,
            };
            Room(drops.CalculateSize()).Drops.Add(drops);
        }

        if (Gap is not null)
            Room(Gap.CalculateSize()).Gap = Gap;
        if (Ended is not null)
            Room(Ended.CalculateSize()).Ended = Ended;
        if (bytes > 0)
            entries.Add(entry);
        return entries;
    }

    private IEnumerable<LedgerChunks> Chunks()
    {
        foreach (((string lane, ChunkEnd end, string reason), List<StretchTally> stretches) in _ends)
        {
            foreach (StretchTally stretch in stretches)
                yield return stretch.ToChunks(lane, ToEnd(end), reason);
        }
    }

    private static LedgerChunks.Types.End ToEnd(ChunkEnd end) => end switch
    {
        ChunkEnd.Delivered => LedgerChunks.Types.End.Delivered,
        ChunkEnd.Evicted => LedgerChunks.Types.End.Evicted,
        _ => LedgerChunks.Types.End.Damaged,
    };
}
