using AvSdk.Contracts.V1;
using Google.Protobuf;

namespace AvSdk.Recording.Spool;

/// <summary>What a journal says, all its records applied.</summary>
internal sealed class JournalState
{
    public Dictionary<Guid, RecordingState> Recordings { get; } = [];

    /// <summary>Positions that a snapshot keeps: some 60 bytes each.</summary>
    public const int PositionsMax = 8192;

    private long _order;

    public Dictionary<(ByteString Source, string Topic), (ulong Messages, long UnixMilliseconds, long Order)> Positions
    {
        get;
    } = [];

    /// <summary>The windows of marks, log times, both ends inclusive.</summary>
    public Dictionary<Guid, (ulong First, ulong Last)> Marks { get; } = [];

    public void Apply(JournalRecord record)
    {
        switch (record)
        {
            case JournalRecord.Started started:
                if (RecordingIds.TryRead(started.Recording.RecordingId, out Guid startedId))
                    Of(startedId).Info = started.Recording;
                break;
            case JournalRecord.Ended ended:
                if (RecordingIds.TryRead(ended.End.RecordingId, out Guid endedId))
                    Of(endedId).End = ended.End;
                break;
            case JournalRecord.EndTold told:
                Of(told.RecordingId).EndTold = true;
                break;
            case JournalRecord.ChunksEnded chunks:
                Of(chunks.RecordingId).Ranges(chunks.Lane, chunks.End, chunks.Reason).Add(chunks.First, chunks.Last);
                break;
            case JournalRecord.Position position:
                Apply(position);
                break;
            case JournalRecord.Forgotten forgotten:
                Recordings.Remove(forgotten.RecordingId);
                break;
            case JournalRecord.Marked marked:
                Marks[marked.MarkId] = (marked.First, marked.Last);
                break;
            case JournalRecord.Unmarked unmarked:
                Marks.Remove(unmarked.MarkId);
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// The fewest records that say the same, but for positions of sources that were not heard of for longest, where there
    /// are more than <see cref="PositionsMax"/>. No age counts: a clock that was set makes anything old.
    /// </summary>
    public IEnumerable<JournalRecord> Snapshot()
    {
        foreach ((Guid id, RecordingState recording) in Recordings)
        {
            if (recording.Info is not null)
                yield return new JournalRecord.Started(recording.Info);
            foreach (((string lane, ChunkEnd end, string reason), SequenceRanges ranges) in recording.Chunks)
            {
                foreach ((ulong first, ulong last) in ranges.Ranges)
                    yield return new JournalRecord.ChunksEnded(id, lane, end, first, last, reason);
            }

            if (recording.End is not null)
                yield return new JournalRecord.Ended(recording.End);
            if (recording.EndTold)
                yield return new JournalRecord.EndTold(id);
        }

        foreach ((Guid id, (ulong first, ulong last)) in Marks)
            yield return new JournalRecord.Marked(id, first, last);
        foreach (JournalRecord.Position position in NewestPositions())
            yield return position;
    }

    // In the order in which they were noted, which another snapshot of them goes by.
    private List<JournalRecord.Position> NewestPositions()
    {
        List<(long Order, JournalRecord.Position Position)> newest = [];
        foreach (var source in Positions.GroupBy(static each => each.Key.Source)
            .OrderByDescending(static topics => topics.Max(static topic => topic.Value.Order)))
        {
            foreach (((_, string topic), (ulong messages, long at, long order)) in source)
            {
                SourcePosition position = new() { SourceId = source.Key, Topic = topic, Messages = messages };
                newest.Add((order, new JournalRecord.Position(position, at)));
            }

            if (newest.Count >= PositionsMax)
                break;
        }

        return [.. newest.OrderBy(static each => each.Order).Select(static each => each.Position)];
    }

    private RecordingState Of(Guid id)
    {
        if (!Recordings.TryGetValue(id, out RecordingState? recording))
            Recordings.Add(id, recording = new RecordingState());
        return recording;
    }

    private void Apply(JournalRecord.Position position)
    {
        SourcePosition source = position.Source;
        Positions.TryGetValue((source.SourceId, source.Topic), out (ulong Messages, long, long) before);
        Positions[(source.SourceId, source.Topic)] =
            (Math.Max(before.Messages, source.Messages), position.UnixMilliseconds, _order++);
    }

    /// <summary>One recording's part.</summary>
    internal sealed class RecordingState
    {
        public RecordingInfo? Info { get; set; }

        public RecordingEnd? End { get; set; }

        public bool EndTold { get; set; }

        public Dictionary<(string Lane, ChunkEnd End, string Reason), SequenceRanges> Chunks { get; } = [];

        public RecordingState Clone()
        {
            RecordingState clone = new() { Info = Info, End = End, EndTold = EndTold };
            foreach (((string lane, ChunkEnd end, string reason), SequenceRanges ranges) in Chunks)
            {
                foreach ((ulong first, ulong last) in ranges.Ranges)
                    clone.Ranges(lane, end, reason).Add(first, last);
            }

            return clone;
        }

        public SequenceRanges Ranges(string lane, ChunkEnd end, string reason = "")
        {
            if (!Chunks.TryGetValue((lane, end, reason), out SequenceRanges? ranges))
                Chunks.Add((lane, end, reason), ranges = new SequenceRanges());
            return ranges;
        }

        public ChunkEnd EndOf(string lane, ulong sequence) => Find(lane, sequence).End;

        /// <summary>How a chunk ended, and why if there is a reason to tell.</summary>
        public (ChunkEnd End, string Reason) Find(string lane, ulong sequence)
        {
            foreach (((string ofLane, ChunkEnd end, string reason), SequenceRanges ranges) in Chunks)
            {
                if (ofLane == lane && ranges.Contains(sequence))
                    return (end, reason);
            }

            return (ChunkEnd.Pending, "");
        }
    }
}
