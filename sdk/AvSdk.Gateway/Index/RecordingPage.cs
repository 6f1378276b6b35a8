using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Index;

/// <summary>A page of recordings, newest first.</summary>
/// <param name="Recordings">At most as many as asked for.</param>
/// <param name="Next">The recording to go on after; null: there are no more.</param>
public sealed record RecordingPage(IReadOnlyList<RecordingSummary> Recordings, Guid? Next);
