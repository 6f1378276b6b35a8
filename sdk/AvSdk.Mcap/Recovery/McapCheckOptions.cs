namespace AvSdk.Mcap;

/// <summary>How a file is checked.</summary>
public sealed record McapCheckOptions
{
    /// <summary>The options when none are given.</summary>
    public static McapCheckOptions Default { get; } = new();

    /// <summary>How large what comes from bytes may be; default: the default limits.</summary>
    public McapLimits Limits { get; init; } = McapLimits.Default;

    /// <summary>The most findings with the same code that are kept; default 20. The rest is counted.</summary>
    public int FindingsPerCodeMax { get; init; } = 20;
}
