namespace AvSdk.Recording.Uplink;

/// <summary>Which chunks may go: what a link carries, now.</summary>
/// <param name="Lanes">Lanes that it carries; null: all.</param>
/// <param name="PriorityMin">The least priority of a lane that it carries; null: any.</param>
/// <param name="Marks">What of those lanes.</param>
internal sealed record UploadScope(IReadOnlyList<string>? Lanes, int? PriorityMin, UploadScope.What Marks)
{
    public enum What
    {
        /// <summary>All.</summary>
        All,

        /// <summary>What was marked or asked for.</summary>
        Marked,

        /// <summary>No bodies: headers and what describes recordings.</summary>
        None,
    }

    public static UploadScope Everything { get; } = new(null, null, What.All);

    public bool Carries(LaneOptions lane) =>
        (Lanes is null || Lanes.Contains(lane.Name)) && (PriorityMin is null || lane.Priority >= PriorityMin);
}
