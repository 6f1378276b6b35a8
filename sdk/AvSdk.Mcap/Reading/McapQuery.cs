namespace AvSdk.Mcap;

/// <summary>Which messages of a file to read, and in which order.</summary>
public sealed record McapQuery
{
    /// <summary>Everything, in log-time order.</summary>
    public static McapQuery All { get; } = new();

    /// <summary>The earliest log time, ns, inclusive; default 0.</summary>
    public ulong From { get; init; }

    /// <summary>The log time to stop before, ns, exclusive; default null: to the end.</summary>
    public ulong? To { get; init; }

    /// <summary>
    /// The topics, by their exact names; default null: all. One that the file does not have gives no
    /// messages.
    /// </summary>
    public IReadOnlyCollection<string>? Topics { get; init; }

    /// <summary>The order; default by log time.</summary>
    public McapOrder Order { get; init; }

    internal void ThrowIfInvalid()
    {
        if (To is ulong to && to < From)
        {
            throw new ArgumentException(
                $"The time range is the wrong way round: from {From} to {to}; swap the two.");
        }
    }
}
