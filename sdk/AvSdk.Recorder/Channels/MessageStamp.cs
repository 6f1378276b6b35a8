namespace AvSdk.Recording;

/// <summary>The times and the number of a message, as in MCAP's Message record.</summary>
/// <param name="LogTime">When it was recorded: ns since 1970-01-01T00:00:00Z.</param>
/// <param name="PublishTime">When it was published: ns since 1970; the log time where the source has
/// none.</param>
/// <param name="Sequence">The source's number; 0 where it has none.</param>
public readonly record struct MessageStamp(ulong LogTime, ulong PublishTime, uint Sequence);
