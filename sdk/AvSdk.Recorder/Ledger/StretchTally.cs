using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Recording.Ledger;

/// <summary>Chunks of a lane, without a gap in sequence, that ended in one way and are not in the ledger yet.</summary>
internal sealed class StretchTally
{
    private readonly SortedDictionary<uint, (ulong Messages, ulong First, ulong Last)> _channels = [];
    private ulong _firstLogTime = ulong.MaxValue;
    private ulong _lastLogTime;
    private ulong _uncounted;
    private ByteString _sha256 = ByteString.Empty;

    /// <summary>One chunk; <paramref name="isAlone"/>: it is not put together with others.</summary>
    public StretchTally(ulong sequence, ChunkHeader? header, bool isAlone)
    {
        First = Last = sequence;
        IsAlone = isAlone;
        if (header is null)
        {
            _uncounted = 1;
            return;
        }

        (_firstLogTime, _lastLogTime, _sha256) = (header.FirstLogTime, header.LastLogTime, header.Sha256);
        foreach (ChunkChannel channel in header.Channels)
            _channels[channel.ChannelId] = (channel.Messages, header.FirstLogTime, header.LastLogTime);
    }

    /// <summary>Chunks of which nothing is left.</summary>
    public StretchTally(ulong first, ulong last)
    {
        (First, Last, IsAlone) = (first, last, true);
        _uncounted = last - first + 1;
    }

    public ulong First { get; private set; }

    public ulong Last { get; private set; }

    public bool IsAlone { get; }

    /// <summary>Takes another in if the two touch.</summary>
    public bool TryTake(StretchTally other)
    {
        if (IsAlone || other.IsAlone || (other.First != Last + 1 && other.Last != First - 1))
            return false;
        if (other.First > Last)
            (Last, _sha256) = (other.Last, other._sha256);
        else
            First = other.First;
        _firstLogTime = Math.Min(_firstLogTime, other._firstLogTime);
        _lastLogTime = Math.Max(_lastLogTime, other._lastLogTime);
        _uncounted += other._uncounted;
        foreach ((uint channel, (ulong messages, ulong first, ulong last)) in other._channels)
        {
            _channels[channel] = _channels.TryGetValue(channel, out (ulong Messages, ulong First, ulong Last) before)
                ? (before.Messages + messages, Math.Min(before.First, first), Math.Max(before.Last, last))
                : (messages, first, last);
        }

        return true;
    }

    public LedgerChunks ToChunks(string lane, LedgerChunks.Types.End end, string reason)
    {
        LedgerChunks chunks = new()
        {
            Lane = lane,
            FirstSequence = First,
            LastSequence = Last,
            End = end,
            Reason = reason,
            UncountedChunks = _uncounted,
            Sha256 = _sha256,
        };
        if (_firstLogTime <= _lastLogTime)
            (chunks.FirstLogTime, chunks.SpanNs) = (_firstLogTime, _lastLogTime - _firstLogTime);
        foreach ((uint channel, (ulong messages, ulong first, ulong last)) in _channels)
        {
            chunks.Counts.Add(new LedgerCount
            {
                ChannelId = channel,
                Messages = messages,
                BeginsAfterNs = first - _firstLogTime,
                EndsBeforeNs = _lastLogTime - last,
            });
        }

        return chunks;
    }
}
