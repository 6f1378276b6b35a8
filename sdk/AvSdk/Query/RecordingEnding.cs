namespace AvSdk.Query;

/// <summary>How a recording ended, in the vehicle's words.</summary>
/// <param name="EndedAt">ns since 1970; the last log time where the recorder did not come to say it.</param>
/// <param name="Orderly">False: it was killed, and its end was found when it started again.</param>
/// <param name="LostMessages">Messages that were offered and are in no chunk, over all topics and
/// reasons.</param>
public sealed record RecordingEnding(ulong EndedAt, bool Orderly, ulong LostMessages);
