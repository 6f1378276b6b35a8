namespace AvSdk.Mcap;

/// <summary>Collects findings; of each code a bounded number is kept, the rest is counted.</summary>
internal sealed class FindingList(int perCodeMax)
{
    private readonly List<McapFinding> _findings = [];
    private readonly Dictionary<string, long> _counts = [];
    private long _errors;
    private long _warnings;

    public void Error(string code, long offset, string what, string remedy) =>
        Add(McapSeverity.Error, code, offset, what, remedy);

    public void Error(string code, McapError error) =>
        Add(McapSeverity.Error, code, error.Offset, error.Sentence, error.Remedy());

    public void Warning(string code, long offset, string what, string remedy) =>
        Add(McapSeverity.Warning, code, offset, what, remedy);

    /// <summary>A record that its index, or the summary, describes otherwise.</summary>
    public void Mismatch(string code, long offset, string expected, string found) =>
        Error(code, new McapError(McapErrorKind.IndexMismatch, offset, expected, found));

    public McapCheckReport ToReport() => new()
    {
        Findings = [.. _findings.OrderByDescending(f => f.Severity)],
        ErrorCount = _errors,
        WarningCount = _warnings,
        CountsByCode = _counts,
    };

    private void Add(McapSeverity severity, string code, long offset, string what, string remedy)
    {
        long count = _counts[code] = _counts.GetValueOrDefault(code) + 1;
        _errors += severity == McapSeverity.Error ? 1 : 0;
        _warnings += severity == McapSeverity.Warning ? 1 : 0;
        if (count <= perCodeMax)
            _findings.Add(new McapFinding(severity, code, offset, what, remedy));
    }
}
