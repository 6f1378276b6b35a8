using AvSdk.Recording.Chunking;

namespace AvSdk.Recording;

/// <summary>Marks: what they pin is the spool's, here are their moment, their message, and the chunks that are open.</summary>
public sealed partial class LocalRecorder
{
    private const ulong AheadMaxNs = 3_600_000_000_000;

    private readonly List<(long DueAt, ulong First, ulong Last)> _openWindows = [];
    private ITimer? _windowTimer;

    /// <inheritdoc/>
    public MarkResult Mark(RecordingMark mark)
    {
        ArgumentNullException.ThrowIfNull(mark);
        mark.ThrowIfInvalid();
        LaneChunker[] lanes = Volatile.Read(ref _lanes);
        if (Array.TrueForAll(lanes, static lane => lane.IsStopped))
            return MarkResult.RefusedStopped;
        ulong clock = Nanoseconds(_ports.Time.GetUtcNow());
        ulong latest = lanes.Max(static lane => lane.LatestLogTime());
        ulong moment = mark.LogTime ?? (latest > 0 ? latest : clock);
        if (moment > Math.Max(latest, clock) && moment - Math.Max(latest, clock) > AheadMaxNs)
            return MarkResult.RefusedInFuture;
        if (mark.Id == Guid.Empty)
        {
            lock (_gate)
                mark = mark with { Id = RecordingIds.Create(_ports.Time.GetUtcNow(), _ports.Random) };
        }

        ulong before = Nanoseconds(mark.Before);
        ulong first = moment > before ? moment - before : 0;
        ulong last = moment + Nanoseconds(mark.After);
        if (!_index.Mark(mark.Id, first, last, latest > 0 ? latest : clock, out MarkResult result))
            return result;
        RecordMark(mark, moment, clock);
        foreach (LaneChunker lane in lanes)
            lane.NoteMark(first, last);
        // Of what is over all is closed by now, or when a message comes that is later; a silent lane's when it is due.
        if (last > latest)
            CloseAfter(first, last, TimeSpan.FromTicks((long)((last - Math.Max(latest, first)) / 100)));
        return MarkResult.Accepted;
    }

    // The most urgent of the lanes that keep what they accept; without one, the most urgent.
    private string LaneOfMarks => Options.Lanes
        .OrderByDescending(static lane => lane.IsSync).ThenByDescending(static lane => lane.Priority).First().Name;

    private void RecordMark(RecordingMark mark, ulong moment, ulong clock)
    {
        bool isOpen;
        lock (_gate)
            isOpen = _channels.ContainsKey(RecordingMark.Topic);
        try
        {
            LocalChannel(RecordingMark.Channel(isOpen ? null : LaneOfMarks))
                .WriteRaw(new MessageStamp(moment, clock, 0), mark.ToPayload(moment));
        }
        catch (ArgumentException)
        {
            // Somebody took the topic for something else. The window is kept all the same.
        }
    }

    private void CloseAfter(ulong first, ulong last, TimeSpan wait)
    {
        lock (_openWindows)
        {
            long due = _ports.Time.GetTimestamp() + (long)(wait.TotalSeconds * _ports.Time.TimestampFrequency);
            _openWindows.Add((due, first, last));
            _windowTimer ??= _ports.Time.CreateTimer(
                static recorder => ((LocalRecorder)recorder!).CloseWindows(), this, Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
            AwaitNextWindow();
        }
    }

    private void CloseWindows()
    {
        List<(long DueAt, ulong First, ulong Last)> over;
        lock (_openWindows)
        {
            long now = _ports.Time.GetTimestamp();
            over = _openWindows.FindAll(window => window.DueAt <= now);
            _openWindows.RemoveAll(window => window.DueAt <= now);
            AwaitNextWindow();
        }

        foreach ((_, ulong first, ulong last) in over)
        {
            foreach (LaneChunker lane in Volatile.Read(ref _lanes))
                lane.CloseWindow(first, last);
        }
    }

    private void AwaitNextWindow()
    {
        if (_openWindows.Count == 0 || _windowTimer is null)
            return;
        TimeSpan wait = _ports.Time.GetElapsedTime(
            _ports.Time.GetTimestamp(), _openWindows.Min(static window => window.DueAt));
        _windowTimer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private static ulong Nanoseconds(TimeSpan time) => (ulong)time.Ticks * 100;
}
