namespace AvSdk.Recording;

/// <summary>A stretch of log time in which messages of a topic are missing, all for one reason.</summary>
/// <param name="End">What became of them.</param>
/// <param name="Reason">Why, for example <c>memory_full</c> or <c>quota</c>.</param>
/// <param name="Messages">How many.</param>
/// <param name="FirstLogTime">Nanoseconds since 1970. Of evicted and damaged messages, the beginning of their
/// chunk.</param>
/// <param name="LastLogTime">Nanoseconds since 1970, inclusive.</param>
public sealed record MissingRange(
    MessageEnd End, string Reason, ulong Messages, ulong FirstLogTime, ulong LastLogTime);
