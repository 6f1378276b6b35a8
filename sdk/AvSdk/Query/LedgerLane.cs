namespace AvSdk.Query;

/// <summary>One lane's chunks.</summary>
/// <param name="Lane">Its name.</param>
/// <param name="LastSequence">The largest sequence that is known of; 0: none.</param>
/// <param name="Delivered">Chunks in the store.</param>
/// <param name="Pending">Chunks in the vehicle.</param>
/// <param name="Evicted">Chunks deleted without a receipt.</param>
/// <param name="Damaged">Chunks rejected or lost.</param>
/// <param name="MissingAtGateway">Chunks that the vehicle counts as delivered, and are not in the store.</param>
/// <param name="Unannounced">Chunks that the gateway knows nothing of.</param>
public sealed record LedgerLane(
    string Lane, ulong LastSequence, ulong Delivered, ulong Pending, ulong Evicted, ulong Damaged,
    ulong MissingAtGateway, ulong Unannounced);
