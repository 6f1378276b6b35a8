namespace AvSdk.Mcap;

/// <summary>The file's last record (MCAP specification, "Footer").</summary>
/// <param name="SummaryStart">File offset of the summary section, bytes; 0: there is none.</param>
/// <param name="SummaryOffsetStart">File offset of the summary offset section, bytes; 0: there is
/// none.</param>
/// <param name="SummaryCrc">
/// CRC-32 from the summary's start to the end of the field before this one; 0: not available.
/// </param>
public sealed record McapFooter(ulong SummaryStart, ulong SummaryOffsetStart, uint SummaryCrc);
