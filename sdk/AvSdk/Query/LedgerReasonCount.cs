namespace AvSdk.Query;

/// <summary>Messages of one topic that are missing for one reason.</summary>
/// <param name="End"><c>evicted</c>, <c>damaged</c> or <c>dropped</c>.</param>
/// <param name="Reason">For example <c>quota</c>, <c>rejected</c>, <c>memory_full</c>.</param>
/// <param name="Messages">How many.</param>
public sealed record LedgerReasonCount(string End, string Reason, ulong Messages);
