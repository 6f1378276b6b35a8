namespace AvSdk.Query;

/// <summary>Where the vehicle's word and the store differ.</summary>
/// <param name="Kind"><c>missing_at_gateway</c>, <c>delivered_after_all</c>, <c>other_hash</c> or <c>count</c>.</param>
/// <param name="Lane">The lane.</param>
/// <param name="FirstSequence">The first chunk.</param>
/// <param name="LastSequence">The last chunk.</param>
/// <param name="Detail">For people.</param>
public sealed record LedgerDisagreementEntry(
    string Kind, string Lane, ulong FirstSequence, ulong LastSequence, string Detail);
