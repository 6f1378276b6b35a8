namespace AvSdk.Agent.Configuration;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Key">Where: a key path such as <c>lanes[1].durability</c>; empty for the file as a
/// whole.</param>
/// <param name="Value">What stands there, as JSON, shortened; <see cref="Missing"/> when nothing
/// does.</param>
/// <param name="Remedy">What is expected, or what to do, as a sentence.</param>
internal sealed record ConfigurationProblem(string Key, string Value, string Remedy)
{
    /// <summary>The value of a key that is not there.</summary>
    public const string Missing = "(missing)";

    public override string ToString() =>
        Key.Length == 0 ? $"{Value}: {Remedy}" : $"{Key} = {Value}: {Remedy}";
}
