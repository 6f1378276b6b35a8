namespace AvSdk.Recording;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Key">The option, as a path: <c>Lanes[telemetry].ChunkBytes</c>.</param>
/// <param name="Value">What it was set to.</param>
/// <param name="Remedy">What to set instead, a sentence.</param>
public sealed record OptionProblem(string Key, string Value, string Remedy)
{
    /// <summary>For people: <c>Lanes[telemetry].ChunkBytes = 12: at least 65536</c>.</summary>
    public override string ToString() => $"{Key} = {Value}: {Remedy}";
}
