namespace AvSdk.Contracts.Identity;

/// <summary>What is wrong with a file of an identity.</summary>
/// <param name="Key">The property of <see cref="IdentityFileNames"/>.</param>
/// <param name="File">The path that stands there; empty: none does.</param>
/// <param name="Remedy">What is expected, and what to do, as sentences.</param>
public sealed record IdentityFileProblem(string Key, string File, string Remedy)
{
    /// <summary>For people.</summary>
    public override string ToString() => $"{Key} = {(File.Length == 0 ? "(missing)" : File)}: {Remedy}";
}
