using AvSdk.Recording.Spool;

namespace AvSdk.Recording.Uplink;

/// <summary>One walk through an <see cref="UploadQueue"/>, in order; under its gate.</summary>
internal sealed class UploadWalk(
    List<UploadClass> classes, UploadScope scope, TimeProvider time, Func<SpoolChunk, bool> visit)
{
    private readonly long _now = time.GetTimestamp();

    /// <summary>Chunks met that have ended.</summary>
    public List<SpoolChunk> Ended { get; } = [];

    public void Run()
    {
        if (scope.Marks == UploadScope.What.None)
            return;
        foreach (UploadLane lane in Lanes())
        {
            if (!ShowAll(lane.Requested))
                return;
        }

        foreach (UploadLane lane in Lanes())
        {
            if (!ShowAll(lane.Marked))
                return;
        }

        if (scope.Marks == UploadScope.What.Marked || !ShowOverdue())
            return;
        foreach (UploadClass turns in classes)
        {
            if (!ShowTurns(turns))
                return;
        }
    }

    private IEnumerable<UploadLane> Lanes()
    {
        foreach (UploadClass turns in classes)
        {
            foreach (UploadLane lane in turns.Lanes)
            {
                if (scope.Carries(lane.Options))
                    yield return lane;
            }
        }
    }

    private bool Show(SpoolChunk chunk)
    {
        if (chunk.End == ChunkEnd.Pending)
            return visit(chunk);
        Ended.Add(chunk);
        return true;
    }

    private bool ShowAll(SortedSet<SpoolChunk> chunks)
    {
        if (chunks.Count == 0)
            return true;
        foreach (SpoolChunk chunk in chunks)
        {
            if (!Show(chunk))
                return false;
        }

        return true;
    }

    // Of each lane the oldest are due first, so these are merged.
    private bool ShowOverdue()
    {
        List<Cursor> cursors = [];
        foreach (UploadLane lane in Lanes())
        {
            if (lane.Options.UploadDeadline is not null && lane.Rest.Count > 0)
                cursors.Add(new Cursor(lane, Overdue(lane)));
        }

        return ShowLeast(cursors, (cursor, chunk) => cursor.Lane.DueAt(chunk, time), static (_, _) => { });
    }

    // Each chunk is shown where its first part would be, if all before it went whole.
    private bool ShowTurns(UploadClass turns)
    {
        List<Cursor> cursors = [];
        foreach (UploadLane lane in turns.Lanes)
        {
            if (lane.Rest.Count > 0 && scope.Carries(lane.Options))
                cursors.Add(new Cursor(lane, InTurn(lane)));
        }

        return ShowLeast(
            cursors, static (cursor, _) => cursor.Turn,
            static (cursor, chunk) => cursor.Turn += cursor.Lane.Share(chunk.BodyBytes));
    }

    private bool ShowLeast(
        List<Cursor> cursors, Func<Cursor, SpoolChunk, long> key, Action<Cursor, SpoolChunk> shown)
    {
        cursors.RemoveAll(static cursor => !cursor.Chunks.MoveNext());
        while (cursors.Count > 0)
        {
            int least = 0;
            for (int at = 1; at < cursors.Count; at++)
            {
                if (key(cursors[at], cursors[at].Chunks.Current) < key(cursors[least], cursors[least].Chunks.Current))
                    least = at;
            }

            Cursor next = cursors[least];
            SpoolChunk chunk = next.Chunks.Current;
            if (!Show(chunk))
                return false;
            shown(next, chunk);
            if (!next.Chunks.MoveNext())
                cursors.RemoveAt(least);
        }

        return true;
    }

    private IEnumerable<SpoolChunk> Overdue(UploadLane lane)
    {
        foreach (SpoolChunk chunk in lane.Rest)
        {
            if (lane.DueAt(chunk, time) > _now)
                yield break;
            yield return chunk;
        }
    }

    private IEnumerable<SpoolChunk> InTurn(UploadLane lane)
    {
        if (lane.Begun is { } begun && lane.DueAt(begun, time) > _now)
            yield return begun;
        bool isNewestFirst = lane.Options.UploadOrder == UploadOrder.NewestFirst;
        foreach (SpoolChunk chunk in isNewestFirst ? lane.Rest.Reverse() : lane.Rest)
        {
            // Shown before.
            if (lane.DueAt(chunk, time) <= _now)
            {
                if (isNewestFirst)
                    yield break;
                continue;
            }

            if (chunk != lane.Begun)
                yield return chunk;
        }
    }

    private sealed class Cursor(UploadLane lane, IEnumerable<SpoolChunk> chunks)
    {
        public UploadLane Lane { get; } = lane;

        public IEnumerator<SpoolChunk> Chunks { get; } = chunks.GetEnumerator();

        public long Turn { get; set; } = lane.Turn;
    }
}
