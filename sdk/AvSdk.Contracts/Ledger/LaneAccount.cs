using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Contracts.Ledger;

/// <summary>One lane's part of a reconciliation: the chunks that are known, and the sequences that the ledger ended.</summary>
internal sealed class LaneAccount
{
    private readonly LedgerChunkFact[] _chunks;
    // In order, not touching.
    private readonly List<(ulong First, ulong Last)> _covered = [];

    public LaneAccount(string name, IEnumerable<LedgerChunkFact> chunks)
    {
        Name = name;
        _chunks = [.. chunks.DistinctBy(static chunk => chunk.Sequence).OrderBy(static chunk => chunk.Sequence)];
        Report = new LedgerLaneReport { Lane = name };
        if (_chunks.Length > 0)
            Reach(_chunks[^1].Sequence);
    }

    public string Name { get; }

    public LedgerLaneReport Report { get; }

    public IReadOnlyList<LedgerChunkFact> Chunks => _chunks;

    /// <summary>The lane has a chunk of this sequence.</summary>
    public void Reach(ulong sequence) => Report.LastSequence = Math.Max(Report.LastSequence, sequence);

    /// <summary>The ledger ended these; returns what of them it had not ended before.</summary>
    public LedgerStretch Cover(LedgerChunks chunks)
    {
        Reach(chunks.LastSequence);
        LedgerStretch stretch = new();
        ulong at = chunks.FirstSequence;
        int index = FirstEndingAtOrAfter(at);
        int first = index;
        for (; index < _covered.Count && _covered[index].First <= chunks.LastSequence; index++)
        {
            stretch.IsWhole = false;
            if (_covered[index].First > at)
                AddTo(stretch, at, _covered[index].First - 1);
            at = _covered[index].Last + 1;
        }

        if (at <= chunks.LastSequence)
            AddTo(stretch, at, chunks.LastSequence);
        ulong begin = index > first ? Math.Min(_covered[first].First, chunks.FirstSequence) : chunks.FirstSequence;
        ulong end = index > first ? Math.Max(_covered[index - 1].Last, chunks.LastSequence) : chunks.LastSequence;
        _covered.RemoveRange(first, index - first);
        _covered.Insert(first, (begin, end));
        return stretch;
    }

    public bool IsCovered(ulong sequence)
    {
        int index = FirstEndingAtOrAfter(sequence);
        return index < _covered.Count && _covered[index].First <= sequence;
    }

    public bool IsOtherHash(ulong sequence, ByteString sha256)
    {
        if (sha256.IsEmpty)
            return false;
        int at = FirstChunkAtOrAfter(sequence);
        return at < _chunks.Length && _chunks[at].Sequence == sequence && _chunks[at].Sha256 != sha256;
    }

    /// <summary>The log times between which chunks lie whose own are not known; 0: open.</summary>
    public (ulong First, ulong Last) Around(ulong firstSequence, ulong lastSequence)
    {
        int before = FirstChunkAtOrAfter(firstSequence) - 1;
        int after = FirstChunkAtOrAfter(lastSequence + 1);
        return (before < 0 ? 0 : _chunks[before].FirstLogTime, after < _chunks.Length ? _chunks[after].LastLogTime : 0);
    }

    public void Add(string end, ulong chunks)
    {
        switch (end)
        {
            case LedgerWords.Evicted:
                Report.EvictedChunks += chunks;
                break;
            case LedgerWords.Damaged:
                Report.DamagedChunks += chunks;
                break;
            case LedgerWords.MissingAtGateway:
                Report.MissingAtGatewayChunks += chunks;
                break;
            default:
                Report.DeliveredChunks += chunks;
                break;
        }
    }

    public LedgerLaneReport Finish()
    {
        ulong known = _covered.Aggregate(0UL, static (sum, range) => sum + range.Last - range.First + 1);
        known += (ulong)_chunks.Count(chunk => !IsCovered(chunk.Sequence));
        Report.UnannouncedChunks = Report.LastSequence > known ? Report.LastSequence - known : 0;
        return Report;
    }

    private void AddTo(LedgerStretch stretch, ulong first, ulong last)
    {
        stretch.Chunks += last - first + 1;
        for (int at = FirstChunkAtOrAfter(first); at < _chunks.Length && _chunks[at].Sequence <= last; at++)
            (_chunks[at].IsStored ? stretch.Stored : stretch.Others).Add(_chunks[at]);
    }

    private int FirstEndingAtOrAfter(ulong sequence)
    {
        int low = 0;
        int high = _covered.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_covered[middle].Last < sequence)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private int FirstChunkAtOrAfter(ulong sequence)
    {
        int low = 0;
        int high = _chunks.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_chunks[middle].Sequence < sequence)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
