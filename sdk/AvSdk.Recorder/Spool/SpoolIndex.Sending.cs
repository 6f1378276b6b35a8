using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Spool;

/// <summary>
/// Chunks that were sent whole and wait for the gateway's word. One that is evicted meanwhile has its end in the journal, and
/// its file may go; counts and ledger say evicted only when no receipt can come any more, since the gateway may have it.
/// </summary>
internal sealed partial class SpoolIndex
{
    private readonly HashSet<SpoolChunk> _sent = [];
    private readonly Dictionary<SpoolChunk, ChunkHeader?> _evictedOnTheirWay = [];

    /// <summary>The last of a chunk is about to be sent. False: it has ended.</summary>
    public bool TrySend(SpoolChunk chunk)
    {
        lock (_gate)
        {
            if (chunk.End != ChunkEnd.Pending)
                return false;
            _sent.Add(chunk);
            return true;
        }
    }

    /// <summary>
    /// The gateway's word on a chunk that is not pending, or is to be sent again. True: it was evicted on its way, and is
    /// delivered after all.
    /// </summary>
    public bool Settle(ChunkRef name, bool isStored)
    {
        SpoolChunk? chunk;
        lock (_gate)
        {
            chunk = _evictedOnTheirWay.Keys.FirstOrDefault(each => IsNamed(each, name));
            if (chunk is null)
            {
                _sent.RemoveWhere(each => IsNamed(each, name));
                return false;
            }

            _evictedOnTheirWay.Remove(chunk, out ChunkHeader? header);
            if (isStored)
                (chunk.End, chunk.EndReason) = (ChunkEnd.Delivered, "");
            CountHeld(chunk, header);
        }

        ChunkEnded?.Invoke(chunk);
        return isStored;
    }

    /// <summary>The session is over: no receipt comes any more.</summary>
    public void EndSending()
    {
        SpoolChunk[] evicted;
        lock (_gate)
        {
            _sent.Clear();
            foreach ((SpoolChunk chunk, ChunkHeader? header) in _evictedOnTheirWay)
                CountHeld(chunk, header);
            evicted = [.. _evictedOnTheirWay.Keys];
            _evictedOnTheirWay.Clear();
        }

        foreach (SpoolChunk chunk in evicted)
            ChunkEnded?.Invoke(chunk);
    }

    private static bool IsNamed(SpoolChunk chunk, ChunkRef name) =>
        chunk.Sequence == name.Sequence && chunk.Segment.Lane.Name == name.Lane
        && chunk.Segment.Recording.Info.RecordingId == name.RecordingId;

    // True: it ended now, and the gateway may still say that it has it.
    private bool IsOnItsWayHeld(SpoolChunk chunk, ChunkEnd end, ChunkHeader? header)
    {
        if (!_sent.Remove(chunk) || end != ChunkEnd.Evicted)
            return false;
        _evictedOnTheirWay.Add(chunk, header);
        return true;
    }

    // Its ledger has still to be told.
    private bool HasSentHeld(SpoolRecording recording) =>
        _evictedOnTheirWay.Keys.Any(chunk => chunk.Segment.Recording == recording);
}
