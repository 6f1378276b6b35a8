namespace AvSdk.Gateway;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Key">The option's name.</param>
/// <param name="Value">What it is set to.</param>
/// <param name="Remedy">What to set it to, as a sentence.</param>
public sealed record GatewayOptionProblem(string Key, string Value, string Remedy)
{
    /// <summary>For people: key, value and remedy on one line.</summary>
    public override string ToString() => $"{Key} = {(Value.Length == 0 ? "(empty)" : Value)}: {Remedy}";
}
