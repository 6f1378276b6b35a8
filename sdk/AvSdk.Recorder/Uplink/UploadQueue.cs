using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Uplink;

/// <summary>
/// Pending chunks in the order in which they are to go: those that somebody asked for, then those that are
/// marked, then by priority of lane, then oldest first. Lives over sessions. Safe for any number of threads.
/// </summary>
internal sealed class UploadQueue
{
    private readonly Lock _gate = new();
    private readonly SortedSet<SpoolChunk> _waiting = new(Comparer<SpoolChunk>.Create(Compare));
    private readonly Queue<SpoolChunk> _unannounced = new();

    public void Add(SpoolChunk chunk)
    {
        lock (_gate)
        {
            chunk.IsUrgent |= chunk.IsPinned;
            _waiting.Add(chunk);
            _unannounced.Enqueue(chunk);
        }
    }

    /// <summary>A chunk that was taken goes back to its place.</summary>
    public void Return(SpoolChunk chunk)
    {
        lock (_gate)
        {
            if (chunk.End == ChunkEnd.Pending)
                _waiting.Add(chunk);
        }
    }

    /// <summary>Takes a chunk out of the order.</summary>
    public void Remove(SpoolChunk chunk)
    {
        lock (_gate)
            _waiting.Remove(chunk);
    }

    /// <summary>Moves a chunk before all that nobody asked for.</summary>
    public void Request(SpoolChunk chunk)
    {
        lock (_gate)
        {
            bool wasWaiting = _waiting.Remove(chunk);
            chunk.IsRequested = true;
            if (wasWaiting)
                _waiting.Add(chunk);
        }
    }

    /// <summary>Moves chunks before all that nobody asked for or marked.</summary>
    public void Urge(IReadOnlyList<SpoolChunk> chunks)
    {
        lock (_gate)
        {
            foreach (SpoolChunk chunk in chunks)
            {
                bool wasWaiting = _waiting.Remove(chunk);
                chunk.IsUrgent = true;
                if (wasWaiting)
                    _waiting.Add(chunk);
            }
        }
    }

    /// <summary>The most urgent chunks, in order. Those that have ended meanwhile are dropped.</summary>
    public void Peek(int count, List<SpoolChunk> into)
    {
        into.Clear();
        lock (_gate)
        {
            List<SpoolChunk>? ended = null;
            foreach (SpoolChunk chunk in _waiting)
            {
                if (chunk.End != ChunkEnd.Pending)
                    (ended ??= []).Add(chunk);
                else if (into.Count < count)
                    into.Add(chunk);
                else
                    break;
            }

            foreach (SpoolChunk chunk in ended ?? [])
                _waiting.Remove(chunk);
        }
    }

    /// <summary>
    /// The next chunks that no gateway was told of, at most <paramref name="count"/>, all of one recording's
    /// definitions or not: in order of arrival. They are told of from now on.
    /// </summary>
    public void TakeUnannounced(int count, List<SpoolChunk> into)
    {
        into.Clear();
        lock (_gate)
        {
            while (into.Count < count && _unannounced.TryDequeue(out SpoolChunk? chunk))
            {
                if (chunk is { IsAnnounced: false, End: ChunkEnd.Pending })
                    into.Add(chunk);
            }
        }
    }

    /// <summary>A lane has another priority.</summary>
    public void Reprioritise(SpoolLane lane, int priority)
    {
        lock (_gate)
        {
            SpoolChunk[] moved = [.. _waiting.Where(chunk => chunk.Segment.Lane == lane)];
            _waiting.ExceptWith(moved);
            lane.UploadPriority = priority;
            _waiting.UnionWith(moved);
        }
    }

    /// <summary>Chunks that were taken to be announced, and were not.</summary>
    public void ReturnUnannounced(IEnumerable<SpoolChunk> chunks)
    {
        lock (_gate)
        {
            foreach (SpoolChunk chunk in chunks)
            {
                if (!chunk.IsAnnounced)
                    _unannounced.Enqueue(chunk);
            }
        }
    }

    public bool HasUnannounced
    {
        get
        {
            lock (_gate)
                return _unannounced.Count > 0;
        }
    }

    private static int Compare(SpoolChunk? x, SpoolChunk? y)
    {
        if (ReferenceEquals(x, y))
            return 0;
        int order = y!.IsRequested.CompareTo(x!.IsRequested);
        if (order == 0)
            order = y.IsUrgent.CompareTo(x.IsUrgent);
        if (order == 0)
            order = y.Segment.Lane.UploadPriority.CompareTo(x.Segment.Lane.UploadPriority);
        if (order == 0)
            order = string.CompareOrdinal(x.Segment.Lane.Name, y.Segment.Lane.Name);
        if (order == 0)
            order = RecordingIds.Compare(x.Segment.Recording.Id, y.Segment.Recording.Id);
        return order != 0 ? order : x.Sequence.CompareTo(y.Sequence);
    }
}
