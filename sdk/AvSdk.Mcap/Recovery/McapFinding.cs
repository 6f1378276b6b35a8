namespace AvSdk.Mcap;

/// <summary>Something about a file that its owner should know.</summary>
/// <param name="Severity">Damage, or advice.</param>
/// <param name="Code">A word for programs, for example <c>chunk-crc</c>; it stays what it is.</param>
/// <param name="Offset">File offset of the record in question; for the file as a whole 0.</param>
/// <param name="What">A sentence: what is wrong.</param>
/// <param name="Remedy">A sentence: what to do.</param>
public sealed record McapFinding(McapSeverity Severity, string Code, long Offset, string What, string Remedy);
