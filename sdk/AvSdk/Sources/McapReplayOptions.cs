using AvSdk.Mcap;

namespace AvSdk.Sources;

/// <summary>How a <see cref="McapReplay"/> reads its file and where the messages go.</summary>
public sealed record McapReplayOptions
{
    /// <summary>The defaults.</summary>
    public static McapReplayOptions Default { get; } = new();

    /// <summary>
    /// The lane of a topic; null leaves it to the recorder's lane rules. Default: null for every topic.
    /// </summary>
    public Func<string, string?> LaneOf { get; init; } = static _ => null;

    /// <summary>
    /// How the file is read: limits, checks, and whether it may be without an end. Default: strictly.
    /// </summary>
    public McapReadOptions Read { get; init; } = McapReadOptions.Default;
}
