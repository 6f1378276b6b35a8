// What goes when there has to be room, in this order:
//
//   delivered   segments whose chunks all have receipts and that are only kept; of the least valuable lane first
//   damaged     files that were put aside, oldest first, unless they are to be kept (room for the spool or the disk)
//   the rest    of the least valuable lane that evicts, oldest first: every second chunk where it thins, then all
//
// For its own quota a lane gives up what it has itself. For the spool's, or the disk's, lanes of no more value than the
// one that needs room do. Marked chunks without a receipt, sync lanes and lanes that refuse give up nothing.
namespace AvSdk.Recording.Spool;

/// <summary>The policy by which room is made: pure, the <see cref="SpoolIndex"/> does it.</summary>
internal static class EvictionOrder
{
    /// <summary>The segment to make smaller next; null: there is none.</summary>
    /// <param name="lane">The lane that needs room.</param>
    /// <param name="lanes">All of them.</param>
    /// <param name="isOwnQuota">Room in its own quota is needed.</param>
    /// <param name="canGo">Whether anything can be done with a segment now.</param>
    public static SpoolSegment? NextDelivered(
        SpoolLane lane, IEnumerable<SpoolLane> lanes, bool isOwnQuota, Func<SpoolSegment, bool> canGo)
    {
        foreach (SpoolLane each in isOwnQuota ? [lane] : ByValue(lanes))
        {
            if (each.Segments.Find(segment => segment is { IsDelivered: true, IsDamaged: false } && canGo(segment))
                is { } segment)
            {
                return segment;
            }
        }

        return null;
    }

    /// <summary>As <see cref="NextDelivered"/>, of what has no receipt; and whether to thin it.</summary>
    public static (SpoolSegment Segment, bool Thins)? NextPending(
        SpoolLane lane, IEnumerable<SpoolLane> lanes, bool isOwnQuota, Func<SpoolSegment, bool> canGo)
    {
        IEnumerable<SpoolLane> inOrder = isOwnQuota
            ? [lane]
            : ByValue(lanes).Where(each => each.Options.Priority <= lane.Options.Priority);
        foreach (SpoolLane each in inOrder)
        {
            if (!each.Quota.Evicts)
                continue;
            if (each.Options.WhenFull == WhenFull.Thin
                && each.Segments.Find(segment => !segment.IsThinned && IsEvictable(segment) && canGo(segment))
                    is { } whole)
            {
                return (whole, true);
            }

            if (each.Segments.Find(segment => IsEvictable(segment) && canGo(segment)) is { } oldest)
                return (oldest, false);
        }

        return null;
    }

    /// <summary>The least valuable first.</summary>
    public static IEnumerable<SpoolLane> ByValue(IEnumerable<SpoolLane> lanes) =>
        lanes.OrderBy(static lane => lane.Options.Priority).ThenBy(static lane => lane.Name, StringComparer.Ordinal);

    private static bool IsEvictable(SpoolSegment segment) =>
        segment is { IsClosed: true, IsDelivered: false, EvictableBytes: > 0 };
}
