namespace AvSdk.Mcap;

/// <summary>Where the summary's records of one kind are (MCAP specification, "Summary Offset").</summary>
/// <param name="GroupOpcode">The kind of every record in the group.</param>
/// <param name="GroupStart">File offset of the first of them.</param>
/// <param name="GroupLength">Bytes of all of them.</param>
public sealed record McapSummaryOffset(McapOpcode GroupOpcode, ulong GroupStart, ulong GroupLength);
