using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Spool;

/// <summary>The end of a recording that did not come to tell it, gathered from what it left.</summary>
internal sealed class RecoveredEnd(Guid recordingId)
{
    private readonly SortedDictionary<string, ulong> _lastSequences = new(StringComparer.Ordinal);
    private ulong _lastLogTime;

    public void Add(string lane, ChunkHeader header)
    {
        Add(lane, header.Ref.Sequence);
        _lastLogTime = Math.Max(_lastLogTime, header.LastLogTime);
    }

    /// <param name="known">The journal's part: chunks that ended and whose segments are gone count
    /// too.</param>
    public RecordingEnd ToRecordingEnd(JournalState.RecordingState? known)
    {
        if (known is not null)
        {
            foreach (((string lane, _, _), SequenceRanges ranges) in known.Chunks)
                Add(lane, ranges.Last);
        }

        RecordingEnd end = new()
        {
            RecordingId = RecordingIds.ToBytes(recordingId),
            EndedAt = _lastLogTime > 0 ? _lastLogTime : known?.Info?.StartedAt ?? 0,
            Orderly = false,
        };
        foreach ((string lane, ulong last) in _lastSequences)
            end.Lanes.Add(new LaneEnd { Lane = lane, LastSequence = last });
        return end;
    }

    private void Add(string lane, ulong sequence) =>
        _lastSequences[lane] = Math.Max(_lastSequences.GetValueOrDefault(lane), sequence);
}
