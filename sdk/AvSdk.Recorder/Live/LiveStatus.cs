namespace AvSdk.Recording.Live;

/// <summary>What became of samples for those who watch, since the recorder was started.</summary>
/// <param name="Published">The link took them.</param>
/// <param name="Dropped">There was no connection, or they fit nowhere. What is recorded does not depend on it.</param>
/// <param name="Withheld">The link that is used may not carry them: by its options, its rate or its budget.</param>
public sealed record LiveStatus(long Published, long Dropped, long Withheld = 0);
