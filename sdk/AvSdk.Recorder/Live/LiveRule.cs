namespace AvSdk.Recording.Live;

/// <summary>
/// Which topics somebody may watch while they are recorded. What is watched is a sample, best effort: it is recorded
/// whole all the same. The first rule that fits decides.
/// </summary>
/// <param name="Topics">A topic or a glob: <c>*</c> any run of characters but '/', <c>**</c> any run,
/// <c>?</c> one.</param>
public sealed record LiveRule(string Topics)
{
    /// <summary>The most messages of a topic, a second; more than 0, at most 100. Default: 1.</summary>
    public double RateMax { get; init; } = 1;

    /// <summary>A longer payload is not sampled, bytes; 1 B to 1 MiB. Default: 64 KiB.</summary>
    public int MessageBytesMax { get; init; } = 64 << 10;
}
