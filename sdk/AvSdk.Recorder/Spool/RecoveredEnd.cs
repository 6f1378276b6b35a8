using AvSdk.Contracts.V1;

namespace AvSdk.Recording.Spool;

/// <summary>The end of a recording that did not come to tell it, gathered from what it left.</summary>
internal sealed class RecoveredEnd(Guid recordingId)
{
    private readonly SortedDictionary<string, ulong> _lastSequences = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SequenceRanges> _found = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChunkHeader> _lastHeaders = new(StringComparer.Ordinal);
    private ulong _lastLogTime;

    /// <summary>By lane, the chunks that are in the spool.</summary>
    public IReadOnlyDictionary<string, SequenceRanges> Found => _found;

    /// <summary>By lane, the last of them.</summary>
    public IReadOnlyDictionary<string, ChunkHeader> LastHeaders => _lastHeaders;

    public void Add(string lane, ChunkHeader header)
    {
        Add(lane, header.Ref.Sequence);
        if (!_found.TryGetValue(lane, out SequenceRanges? found))
            _found.Add(lane, found = new SequenceRanges());
        found.Add(header.Ref.Sequence, header.Ref.Sequence);
        if (found.Last == header.Ref.Sequence)
            _lastHeaders[lane] = header;
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

    /// <summary>A chunk that another source knows of.</summary>
    public void Add(string lane, ulong sequence) =>
        _lastSequences[lane] = Math.Max(_lastSequences.GetValueOrDefault(lane), sequence);
}
