namespace AvSdk.Query;

/// <summary>A stretch of time in which a lane of a recording has chunks without a gap in sequence.</summary>
/// <param name="VehicleId">The vehicle.</param>
/// <param name="RecordingId">The recording.</param>
/// <param name="Lane">The lane.</param>
/// <param name="FirstLogTime">ns, inclusive.</param>
/// <param name="LastLogTime">ns, inclusive.</param>
/// <param name="FirstSequence">The first chunk's number.</param>
/// <param name="LastSequence">The last chunk's number.</param>
/// <param name="Stored">False: announced, and still in the vehicle.</param>
public sealed record CoverageEntry(
    string VehicleId, Guid RecordingId, string Lane, ulong FirstLogTime, ulong LastLogTime,
    ulong FirstSequence, ulong LastSequence, bool Stored);
