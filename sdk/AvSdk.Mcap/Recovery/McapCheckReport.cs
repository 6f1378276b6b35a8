namespace AvSdk.Mcap;

/// <summary>What a check of a whole file found.</summary>
public sealed record McapCheckReport
{
    /// <summary>Whether there are no errors; warnings there may be.</summary>
    public bool IsGood => ErrorCount == 0;

    /// <summary>
    /// The findings, errors first, then in the order of their discovery; of each code no more than
    /// <see cref="McapCheckOptions.FindingsPerCodeMax"/>.
    /// </summary>
    public IReadOnlyList<McapFinding> Findings { get; init; } = [];

    /// <summary>Errors, those beyond the list included.</summary>
    public long ErrorCount { get; init; }

    /// <summary>Warnings, those beyond the list included.</summary>
    public long WarningCount { get; init; }

    /// <summary>Findings by code, those beyond the list included.</summary>
    public IReadOnlyDictionary<string, long> CountsByCode { get; init; } = new Dictionary<string, long>();

    /// <summary>Whether the file ends in a footer and the magic after it.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Bytes of the file.</summary>
    public long Bytes { get; init; }

    /// <summary>Messages that were read.</summary>
    public long Messages { get; init; }

    /// <summary>Chunks that were met, damaged ones included.</summary>
    public long Chunks { get; init; }
}
