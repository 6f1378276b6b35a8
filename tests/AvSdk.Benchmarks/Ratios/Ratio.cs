namespace AvSdk.Benchmarks.Ratios;

/// <summary>One hot path's figure, and its peer's from the same run.</summary>
/// <param name="Key">The key in the line of JSON.</param>
/// <param name="Path">For people: what was measured.</param>
/// <param name="Ours">Our figure, in <paramref name="Unit"/>.</param>
/// <param name="Unit">MB/s (10⁶ bytes), ms, MB, ...</param>
/// <param name="Peer">What it is held against; empty where there is no peer, only a limit.</param>
/// <param name="Theirs">The peer's figure, or the limit, in the same unit.</param>
internal sealed record Ratio(string Key, string Path, double Ours, string Unit, string Peer, double? Theirs)
{
    /// <summary>Ours to theirs; above 1 is more of the unit, which for speeds is better.</summary>
    public double? Value => Theirs is > 0 ? Ours / Theirs : null;

    /// <summary>The lower quartile of the rounds' ratios, where there were rounds.</summary>
    public double? Low { get; init; }

    /// <summary>The upper quartile.</summary>
    public double? High { get; init; }
}
