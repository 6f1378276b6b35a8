using AvSdk.Recording;

namespace AvSdk.Agent.Running;

/// <summary>
/// Decides whether a recorder makes progress. A chunk is closed at the latest its lane's window after its
/// first message, so while chunks are in memory, some lane's sequence must move within the longest window and
/// what the disk may take.
/// </summary>
/// <param name="window">The longest chunk window of the lanes, as they are configured now.</param>
/// <param name="grace">What compression and disk may take beyond it.</param>
internal sealed class ProgressWatch(Func<TimeSpan> window, TimeSpan grace)
{
    private ulong _sequences;
    private DateTimeOffset? _stillSince;

    /// <summary>
    /// True: all is well. Refusing messages because the spool is full is no standstill: a restart would not
    /// help; and while the disk refuses it would lose what memory holds.
    /// </summary>
    public bool IsAlive(RecorderStatus status, DateTimeOffset now)
    {
        ulong sequences = 0;
        foreach (LaneStatus lane in status.Lanes)
            sequences += lane.LastSequence;

        bool moves = sequences != _sequences || status.MemoryBytes == 0
            || status.Disk.Refuses || status.Lanes.Any(static lane => lane.IsFull);
        _sequences = sequences;
        _stillSince = moves ? null : _stillSince ?? now;
        return _stillSince is null || now - _stillSince <= window() + grace;
    }
}
