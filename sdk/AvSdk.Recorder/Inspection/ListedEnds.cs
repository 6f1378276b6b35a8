namespace AvSdk.Recording.Inspection;

/// <summary>What became of chunks, as the journal has it.</summary>
/// <param name="Pending">In the spool, without an end.</param>
/// <param name="Delivered">The gateway has a receipt for them.</param>
/// <param name="Evicted">Deleted without a receipt, to make room.</param>
/// <param name="Damaged">Damaged here, or the gateway will never take them.</param>
public sealed record ListedEnds(long Pending, long Delivered, long Evicted, long Damaged);
