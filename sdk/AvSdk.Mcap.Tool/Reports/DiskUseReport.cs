namespace AvSdk.Mcap.Tool.Reports;

/// <summary>What <c>du</c> says: where a file's bytes go.</summary>
internal sealed record DiskUseReport(
    string File, long Bytes, IReadOnlyList<TopicUse> Topics, IReadOnlyList<RecordUse> Records);

/// <summary>A topic's part of a file.</summary>
/// <param name="PayloadShare">Of all payload.</param>
/// <param name="StoredBytes">
/// Its part of the file: of each compressed chunk as large a share as its records had before compression.
/// </param>
/// <param name="StoredShare">Of the file.</param>
internal sealed record TopicUse(
    string Topic, ulong Messages, ulong PayloadBytes, double PayloadShare, ulong StoredBytes, double StoredShare);

/// <summary>The records of one kind outside of chunks, the chunks themselves among them.</summary>
/// <param name="Share">Of the file.</param>
internal sealed record RecordUse(string Kind, ulong Count, ulong Bytes, double Share);
