namespace AvSdk.Mcap;

/// <summary>How a file is read.</summary>
public sealed record McapReadOptions
{
    /// <summary>The options when none are given.</summary>
    public static McapReadOptions Default { get; } = new();

    /// <summary>How large what comes from bytes may be; default: the default limits.</summary>
    public McapLimits Limits { get; init; } = McapLimits.Default;

    /// <summary>
    /// Whether the CRCs of chunks, data section and summary are checked, where they are there; default true.
    /// Those of attachments always are.
    /// </summary>
    public bool CheckCrcs { get; init; } = true;

    /// <summary>
    /// Whether the input may end after any whole record, as a file does whose writer died and a socket whose
    /// writer went; default false: that is an error. An input that ends within a record is one in any case.
    /// </summary>
    public bool AllowUnsealed { get; init; }
}
