using AvSdk.Recording;

namespace AvSdk.Sources;

/// <summary>
/// What every source does beside reading: keeps a message until its time has come, writes it the way that
/// goes with the rate, counts, and tells how far it is.
/// </summary>
internal sealed class SourcePace
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(100);

    private readonly double _rate;
    private readonly TimeProvider _time;
    private readonly IProgress<SourceProgress>? _progress;
    private long _startedAt;
    private ulong? _firstLogTime;
    private long _reportedAt;

    /// <param name="rate">1: as the messages were; 2: twice as fast; 0: as fast as the recorder takes
    /// them.</param>
    /// <param name="time">What waiting goes by.</param>
    /// <param name="progress">Told now and then, and at the end.</param>
    public SourcePace(double rate, TimeProvider time, IProgress<SourceProgress>? progress)
    {
        if (!double.IsFinite(rate) || rate < 0)
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "0 (as fast as possible) or more.");
        ArgumentNullException.ThrowIfNull(time);
        (_rate, _time, _progress) = (rate, time, progress);
        _reportedAt = time.GetTimestamp();
    }

    public SourceProgress Done { get; private set; }

    /// <summary>
    /// True: the recorder may make the source wait, and nothing is dropped for want of room.
    /// </summary>
    public bool WaitsForRoom => _rate == 0;

    /// <summary>Returns when it is time for a message. Completes at once where it is time already.</summary>
    public ValueTask WaitAsync(ulong logTime, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (WaitsForRoom)
            return ValueTask.CompletedTask;
        if (_firstLogTime is not { } first)
        {
            _firstLogTime = logTime;
            _startedAt = _time.GetTimestamp();
            return ValueTask.CompletedTask;
        }

        double dueMilliseconds = logTime <= first ? 0 : (logTime - first) * 1e-6 / _rate;
        double wait = dueMilliseconds - _time.GetElapsedTime(_startedAt).TotalMilliseconds;
        // Timers count whole milliseconds: what falls into one is written together.
        return wait <= 0
            ? ValueTask.CompletedTask
            : new ValueTask(
                Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait)), _time, cancellationToken));
    }

    /// <summary>Sets the totals; null where one is not known.</summary>
    public void Expect(ulong? messages, long? bytes) =>
        Done = Done with { MessagesTotal = messages, BytesTotal = bytes };

    /// <summary>Counts a message that was offered to the recorder.</summary>
    /// <param name="topic">Its topic.</param>
    /// <param name="logTime">Its log time.</param>
    /// <param name="bytesSoFar">How far the source is with it, bytes.</param>
    /// <param name="result">What the recorder said.</param>
    /// <exception cref="RecorderException">The recorder takes nothing any more.</exception>
    public void Count(string topic, ulong logTime, long bytesSoFar, WriteResult result)
    {
        Done = Done with
        {
            Messages = Done.Messages + 1,
            Bytes = bytesSoFar,
            Dropped = Done.Dropped + (result == WriteResult.Accepted ? 0UL : 1UL),
            LogTime = logTime,
        };
        if (result == WriteResult.DroppedStopped)
        {
            throw new RecorderException(
                $"The recorder stopped while {topic} was being written, after {Done.Messages - 1} messages: "
                + "open another recorder, and look into its log for why this one stopped.");
        }

        if (_progress is not null && (Done.Messages & 63) == 0)
            ReportWhenDue();
    }

    /// <summary>Tells the end.</summary>
    public SourceProgress Finish(long bytes)
    {
        Done = Done with { Bytes = bytes };
        _progress?.Report(Done);
        return Done;
    }

    private void ReportWhenDue()
    {
        if (_time.GetElapsedTime(_reportedAt) < ReportInterval)
            return;
        _reportedAt = _time.GetTimestamp();
        _progress!.Report(Done);
    }
}
