namespace AvSdk.Mcap.Tool.Reports;

/// <summary>What <c>doctor</c> says.</summary>
internal sealed record CheckReport(
    string File, bool Good, long Errors, long Warnings, bool Sealed, long Bytes, long Messages, long Chunks,
    IReadOnlyList<FindingReport> Findings)
{
    public static CheckReport Of(string file, McapCheckReport check) => new(
        file, check.IsGood, check.ErrorCount, check.WarningCount, check.IsSealed, check.Bytes, check.Messages,
        check.Chunks,
        [
            .. check.Findings.Select(finding => new FindingReport(
                finding.Severity == McapSeverity.Error ? "error" : "warning", finding.Code, finding.Offset,
                finding.What, finding.Remedy)),
        ]);

    public string ToText()
    {
        List<string> lines =
        [
            .. Findings.Select(each => TextTable.OneLine(
                $"{each.Severity,-7}  byte {each.Offset}: {each.What} {each.Remedy} [{each.Code}]")),
        ];
        long beyond = Errors + Warnings - Findings.Count;
        if (beyond > 0)
            lines.Add($"and {Quantities.Count(beyond)} more of the same kinds");
        lines.Add($"{File}: {Quantities.Bytes(Bytes)}, {Quantities.Of(Messages, "message")} in "
            + $"{Quantities.Of(Chunks, "chunk")}; "
            + (Errors + Warnings == 0 ? "nothing is wrong with it"
                : $"{Quantities.Of(Errors, "error")}, {Quantities.Of(Warnings, "warning")}"));
        return string.Join('\n', lines) + "\n";
    }
}

/// <summary>One finding.</summary>
/// <param name="Severity">error or warning.</param>
internal sealed record FindingReport(string Severity, string Code, long Offset, string What, string Remedy);
