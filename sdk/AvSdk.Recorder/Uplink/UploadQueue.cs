// The order in which pending chunks go. A chunk that is put here is before all that follow:
//
//   asked for     somebody wants it now
//   marked        it is in the window of a mark
//   overdue       it has waited for its lane's deadline; the earliest goes first
//   priority      of its lane
//   weight        lanes of one priority take turns, part by part, each as much as its weight says
//   in the lane   as recorded, over all channels, or newest first; what was begun is ended before another is begun
//
// Cost     A chunk goes in and out in the logarithm of its lane; a look at the next ones costs the number of lanes. A
//          chunk that cannot go now is not in here: it is with the session, which waits for it.
using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Uplink;

/// <summary>Pending chunks in the order in which they are to go. Lives over sessions. Safe for any number of threads.</summary>
internal sealed class UploadQueue(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SpoolLane, UploadLane> _lanes = [];
    // The most urgent first.
    private readonly List<UploadClass> _classes = [];
    private readonly Queue<SpoolChunk> _unannounced = new();

    public void Add(SpoolChunk chunk)
    {
        lock (_gate)
        {
            chunk.IsUrgent |= chunk.IsPinned;
            Insert(chunk);
            _unannounced.Enqueue(chunk);
        }
    }

    /// <summary>A chunk that was taken goes back to its place.</summary>
    public void Return(SpoolChunk chunk)
    {
        lock (_gate)
        {
            if (chunk.End == ChunkEnd.Pending)
                Insert(chunk);
        }
    }

    /// <summary>Takes a chunk out of the order.</summary>
    public void Remove(SpoolChunk chunk)
    {
        lock (_gate)
            Take(chunk);
    }

    /// <summary>Moves a chunk before all that nobody asked for.</summary>
    public void Request(SpoolChunk chunk)
    {
        lock (_gate)
        {
            bool wasWaiting = Take(chunk);
            chunk.IsRequested = true;
            if (wasWaiting)
                Insert(chunk);
        }
    }

    /// <summary>Moves chunks before all that nobody asked for or marked.</summary>
    public void Urge(IReadOnlyList<SpoolChunk> chunks)
    {
        lock (_gate)
        {
            foreach (SpoolChunk chunk in chunks)
            {
                bool wasWaiting = Take(chunk);
                chunk.IsUrgent = true;
                if (wasWaiting)
                    Insert(chunk);
            }
        }
    }

    /// <summary>
    /// Shows the next chunks, in order, until <paramref name="visit"/> says that it has seen enough. Those that have ended
    /// meanwhile are dropped.
    /// </summary>
    public void Walk(UploadScope scope, Func<SpoolChunk, bool> visit)
    {
        lock (_gate)
        {
            UploadWalk walk = new(_classes, scope, time, visit);
            walk.Run();
            foreach (SpoolChunk chunk in walk.Ended)
                Take(chunk);
        }
    }

    /// <summary>So many bytes of a chunk were sent.</summary>
    public void Charge(SpoolChunk chunk, long bytes)
    {
        lock (_gate)
        {
            UploadLane lane = LaneOf(chunk);
            if (!lane.Rest.Contains(chunk))
                return;
            lane.Begun = chunk;
            // What was not its turn is not counted as one.
            if (lane.DueAt(chunk, time) <= time.GetTimestamp())
                return;
            long turn = lane.Turn;
            lane.Turn = turn + lane.Share(bytes);
            lane.Class.Turn = Math.Max(lane.Class.Turn, turn);
        }
    }

    /// <summary>
    /// The next chunks that no gateway was told of, at most <paramref name="count"/>, all of one recording's
    /// definitions or not: in order of arrival. They are told of from now on.
    /// </summary>
    public void TakeUnannounced(int count, List<SpoolChunk> into)
    {
        lock (_gate)
        {
            while (into.Count < count && _unannounced.TryDequeue(out SpoolChunk? chunk))
            {
                if (chunk is { IsAnnounced: false, End: ChunkEnd.Pending })
                    into.Add(chunk);
            }
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

    /// <summary>A lane has other options.</summary>
    public void Reorder(SpoolLane lane, LaneOptions options)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(lane, out UploadLane? known))
                return;
            known.Options = options;
            if (known.Class.Priority != options.Priority)
                Classify(known);
        }
    }

    private UploadLane LaneOf(SpoolChunk chunk)
    {
        SpoolLane lane = chunk.Segment.Lane;
        if (!_lanes.TryGetValue(lane, out UploadLane? known))
        {
            _lanes.Add(lane, known = new UploadLane(lane, lane.Options));
            Classify(known);
        }

        return known;
    }

    private void Classify(UploadLane lane)
    {
        if (lane.Class is { } before)
        {
            before.Lanes.Remove(lane);
            if (before.Lanes.Count == 0)
                _classes.Remove(before);
        }

        int at = _classes.FindIndex(other => other.Priority <= lane.Options.Priority);
        if (at < 0)
            at = _classes.Count;
        if (at == _classes.Count || _classes[at].Priority != lane.Options.Priority)
            _classes.Insert(at, new UploadClass(lane.Options.Priority));
        lane.Class = _classes[at];
        lane.Turn = lane.Class.Turn;
        lane.Class.Lanes.Add(lane);
        lane.Class.Lanes.Sort(static (x, y) => string.CompareOrdinal(x.Options.Name, y.Options.Name));
    }

    private void Insert(SpoolChunk chunk)
    {
        UploadLane lane = LaneOf(chunk);
        if (lane.IsEmpty)
            lane.Turn = Math.Max(lane.Turn, lane.Class.Turn);
        lane.Of(chunk).Add(chunk);
    }

    private bool Take(SpoolChunk chunk)
    {
        UploadLane lane = LaneOf(chunk);
        if (lane.Begun == chunk)
            lane.Begun = null;
        return lane.Of(chunk).Remove(chunk);
    }
}
