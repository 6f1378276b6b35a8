namespace AvSdk.Recording.Spool;

/// <summary>
/// Marks: which chunks they pin. A mark is a window of log time; the chunks of all lanes and recordings that
/// overlap it, those there are and those to come, are not evicted until they have a receipt.
/// </summary>
internal sealed partial class SpoolIndex
{
    // By log time and by the clock: messages come late, and chunks are on their way to the spool for a while.
    private static readonly TimeSpan LateMax = TimeSpan.FromSeconds(60);

    private readonly MarkWindows _marks = new();
    private readonly Dictionary<Guid, long> _markedAt = [];
    private bool _marksAreDurable = true;

    /// <summary>Read by any thread.</summary>
    public MarkWindows Marks => _marks;

    /// <summary>Adds a mark; false: it was known.</summary>
    /// <param name="id">Its id: told twice it counts once, also after a restart.</param>
    /// <param name="first">The window's first log time.</param>
    /// <param name="last">The window's last.</param>
    /// <param name="now">The latest log time so far: of what is over before it nothing more is expected.</param>
    /// <param name="result">Whether it is kept.</param>
    public bool Mark(Guid id, ulong first, ulong last, ulong now, out MarkResult result)
    {
        List<SpoolChunk> pinned = [];
        lock (_gate)
        {
            result = MarkResult.Accepted;
            if (_marks.Contains(id))
                return false;
            if (_marks.Count >= _options.MarksMax)
                PruneMarksHeld(now);
            if (_marks.Count >= _options.MarksMax)
            {
                result = MarkResult.RefusedTooMany;
                return false;
            }

            _marks.Add(id, first, last);
            _markedAt.Add(id, _time.GetTimestamp());
            foreach (SpoolSegment segment in _lanes.Values.SelectMany(static lane => lane.Segments))
            {
                if (segment.LastLogTime < first || segment.FirstLogTime > last || segment.PendingChunks == 0)
                    continue;
                foreach (SpoolChunk chunk in segment.Chunks)
                {
                    if (chunk is not { End: ChunkEnd.Pending, IsPinned: false }
                        || chunk.LastLogTime < first || chunk.FirstLogTime > last)
                    {
                        continue;
                    }

                    PinHeld(chunk);
                    pinned.Add(chunk);
                }

                MeasureHeld(segment);
            }
        }

        _journal.Append(new JournalRecord.Marked(id, first, last));
        Volatile.Write(ref _marksAreDurable, false);
        if (pinned.Count > 0)
            ChunksMarked?.Invoke(pinned);
        return true;
    }

    /// <summary>Forgets the marks of which nothing waits and nothing is expected.</summary>
    public void PruneMarks(ulong now)
    {
        lock (_gate)
            PruneMarksHeld(now);
    }

    /// <summary>Makes marks durable that are not yet.</summary>
    public void FlushMarks()
    {
        if (!Volatile.Read(ref _marksAreDurable))
            Volatile.Write(ref _marksAreDurable, _journal.TryFlush());
    }

    /// <summary>Those that the journal tells of; again, where it could not be read at the start.</summary>
    public void RestoreMarks()
    {
        foreach ((Guid id, (ulong first, ulong last)) in _journal.Read(static state => state.Marks.ToArray()))
        {
            lock (_gate)
            {
                if (!_marks.Contains(id))
                    _marks.Add(id, first, last);
            }
        }
    }

    private void PruneMarksHeld(ulong now)
    {
        HashSet<int> inUse = [];
        foreach (SpoolSegment segment in _lanes.Values.SelectMany(static lane => lane.Segments))
        {
            if (segment.PinnedBytes == 0)
                continue;
            foreach (SpoolChunk chunk in segment.Chunks)
            {
                if (chunk is { IsPinned: true, End: ChunkEnd.Pending })
                    inUse.Add(_marks.IndexOf(chunk.FirstLogTime, chunk.LastLogTime));
            }
        }

        List<Guid> done = [];
        foreach ((Guid id, (ulong first, ulong last)) in _marks.Marks)
        {
            bool isSettled = !_markedAt.TryGetValue(id, out long at) || _time.GetElapsedTime(at) > LateMax;
            if (isSettled && last + ((ulong)LateMax.Ticks * 100) < now && !inUse.Contains(_marks.IndexOf(first, last)))
                done.Add(id);
        }

        if (done.Count == 0)
            return;
        _marks.Remove(done);
        foreach (Guid id in done)
            _markedAt.Remove(id);
        foreach (Guid id in done)
            _journal.Append(new JournalRecord.Unmarked(id));
    }

    private static void PinHeld(SpoolChunk chunk)
    {
        chunk.IsPinned = true;
        chunk.Segment.PinnedBytes += chunk.BodyBytes;
        chunk.Segment.Lane.PinnedChunks++;
    }

    private static void UnpinHeld(SpoolChunk chunk)
    {
        chunk.Segment.PinnedBytes -= chunk.BodyBytes;
        chunk.Segment.Lane.PinnedChunks--;
    }
}
