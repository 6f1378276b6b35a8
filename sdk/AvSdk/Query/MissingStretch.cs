namespace AvSdk.Query;

/// <summary>A stretch of log time in which messages are missing.</summary>
/// <param name="FirstLogTime">ns.</param>
/// <param name="LastLogTime">ns, inclusive; null: open.</param>
/// <param name="End"><c>evicted</c>, <c>damaged</c>, <c>dropped</c>, <c>unknown</c> (a killed run) or
/// <c>missing_at_gateway</c>.</param>
/// <param name="Reason">For example <c>quota</c>.</param>
/// <param name="Messages">How many; null: not known.</param>
public sealed record MissingStretch(
    ulong FirstLogTime, ulong? LastLogTime, string End, string Reason, ulong? Messages);
