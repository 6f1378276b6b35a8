namespace AvSdk.Recording.Live;

/// <summary>What became of samples for those who watch, since the recorder was started.</summary>
/// <param name="Published">The link took them.</param>
/// <param name="Dropped">There was no connection, or they fit nowhere. What is recorded does not depend on it.</param>
public sealed record LiveStatus(long Published, long Dropped);
