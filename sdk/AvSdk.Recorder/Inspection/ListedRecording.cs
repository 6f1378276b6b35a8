namespace AvSdk.Recording.Inspection;

/// <summary>One recording of a spool.</summary>
/// <param name="RecordingId">Its id.</param>
/// <param name="VehicleId">The vehicle; empty: nothing tells.</param>
/// <param name="StartedAt">When it was started, ns since 1970; 0: nothing tells.</param>
/// <param name="HasEnded">The journal has its end; false also of one that was killed and not recovered yet.</param>
/// <param name="EndIsTold">The gateway has its end.</param>
/// <param name="Lanes">In order of name.</param>
public sealed record ListedRecording(
    Guid RecordingId, string VehicleId, ulong StartedAt, bool HasEnded, bool EndIsTold, IReadOnlyList<ListedLane> Lanes);
