namespace AvSdk.Recording.Inspection;

/// <summary>What a check read, and what it came upon.</summary>
/// <param name="Segments">Files read.</param>
/// <param name="Chunks">Whole chunks: hash, CRC and messages are right.</param>
/// <param name="Messages">Messages in them.</param>
/// <param name="Bytes">Bytes of the files.</param>
/// <param name="Findings">In order of file.</param>
public sealed record SpoolCheckReport(
    int Segments, long Chunks, ulong Messages, long Bytes, IReadOnlyList<SpoolFinding> Findings)
{
    /// <summary>No finding is damage.</summary>
    public bool IsGood => !Findings.Any(static finding => finding.IsDamage);
}
