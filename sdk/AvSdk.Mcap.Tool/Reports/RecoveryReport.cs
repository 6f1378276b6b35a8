namespace AvSdk.Mcap.Tool.Reports;

/// <summary>What <c>recover</c> says.</summary>
internal sealed record RecoveryReport
{
    public required string Output { get; init; }

    public required bool Lossy { get; init; }

    public required bool WasSealed { get; init; }

    public required long Messages { get; init; }

    /// <summary>Null: nobody knows.</summary>
    public required long? MessagesLost { get; init; }

    public required long MessagesUnchecked { get; init; }

    public required long MessagesSalvaged { get; init; }

    public required long ChunksCopied { get; init; }

    public required long ChunksRewritten { get; init; }

    public required long ChunksSkipped { get; init; }

    public required long Attachments { get; init; }

    public required long Metadata { get; init; }

    public required long BytesRead { get; init; }

    public required long BytesWritten { get; init; }

    public required long BytesSkipped { get; init; }

    /// <summary>Parts left out, those beyond the list included.</summary>
    public required long SkippedCount { get; init; }

    public required IReadOnlyList<SkippedReport> Skipped { get; init; }

    /// <summary>What was put right without a loss.</summary>
    public required IReadOnlyList<string> Mended { get; init; }

    public static RecoveryReport Of(string output, McapRecoveryReport report) => new()
    {
        Output = output,
        Lossy = report.IsLossy,
        WasSealed = report.WasSealed,
        Messages = report.MessagesRecovered,
        MessagesLost = report.IsLossy ? report.MessagesLost : 0,
        MessagesUnchecked = report.MessagesUnchecked,
        MessagesSalvaged = report.MessagesSalvaged,
        ChunksCopied = report.ChunksCopied,
        ChunksRewritten = report.ChunksRewritten,
        ChunksSkipped = report.ChunksSkipped,
        Attachments = report.Attachments,
        Metadata = report.Metadata,
        BytesRead = report.BytesRead,
        BytesWritten = report.BytesWritten,
        BytesSkipped = report.BytesSkipped,
        SkippedCount = report.SkippedCount,
        Skipped =
        [
            .. report.Skipped.Select(part => new SkippedReport(
                part.Offset, part.Bytes, Sentence(part.Error), part.MessagesLost)),
        ],
        Mended = [.. report.Mended.Select(Sentence)],
    };

    public string ToText()
    {
        List<string> lines =
        [
            .. Mended.Select(each => "mended   " + each),
            .. Skipped.Select(each => $"skipped  {Quantities.Of(each.Bytes, "byte")} at {each.Offset}, "
                + $"{(each.MessagesLost is long lost ? Quantities.Of(lost, "message") : "nobody knows how many messages")}: "
                + each.Why),
        ];
        if (SkippedCount > Skipped.Count)
            lines.Add($"and {Quantities.Count(SkippedCount - Skipped.Count)} more parts skipped");
        string lostText = !Lossy ? "nothing of the file was lost"
            : MessagesLost is long known ? $"{Quantities.Of(known, "message")} lost" : "nobody knows how many lost";
        lines.Add($"{Output}: {Quantities.Of(Messages, "message")}, {lostText}; "
            + $"{Quantities.Of(ChunksCopied, "chunk")} as they were, {ChunksRewritten} rewritten, {ChunksSkipped} skipped; "
            + $"{Quantities.Of(Attachments, "attachment")}, {Metadata} metadata, {Quantities.Bytes(BytesWritten)}");
        return string.Concat(lines.Select(line => TextTable.OneLine(line) + "\n"));
    }

    private static string Sentence(McapError error) =>
        $"expected {error.Expected}, found {error.Found} at byte {error.Offset}";
}

/// <summary>A part that was left out.</summary>
/// <param name="MessagesLost">Null: nobody knows.</param>
internal sealed record SkippedReport(long Offset, long Bytes, string Why, long? MessagesLost);
