namespace AvSdk.Recording;

/// <summary>Which links there are, and how they are told apart.</summary>
public sealed record LinksOptions
{
    /// <summary>
    /// In order of preference: the first that is there and may carry something is used. At most 16. Default: empty, the
    /// uplink is used whatever it goes over.
    /// </summary>
    public IReadOnlyList<LinkOptions> Links { get; init; } = [];

    /// <summary>
    /// A command and its arguments; the first line of what it prints is the word for what the vehicle is on, see
    /// <see cref="LinkOptions.Word"/>. Run every <see cref="Period"/>. Default: empty, none.
    /// </summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>
    /// How long the command may take; after that nobody knows the word. 10 ms to 10 s. Default: 400 ms, so that with
    /// <see cref="Period"/> a change is known within a second.
    /// </summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How often is looked; 100 ms to 1 min. Default: 500 ms.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The clock of days, months and windows, ahead of UTC; -14 h to 14 h. Default: 0, UTC.
    /// </summary>
    public TimeSpan UtcOffset { get; init; } = TimeSpan.Zero;
}
