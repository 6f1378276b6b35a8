namespace AvSdk.Simulation.Checks;

/// <summary>What a run found wrong with the product.</summary>
internal enum ViolationKind
{
    Lost,
    Duplicated,
    Reordered,
    Unexplained,
}

/// <summary>One finding, a sentence.</summary>
internal sealed record Violation(ViolationKind Kind, string Text);
