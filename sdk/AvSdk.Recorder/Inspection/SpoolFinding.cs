namespace AvSdk.Recording.Inspection;

/// <summary>One thing that a check came upon.</summary>
/// <param name="File">Relative to the spool.</param>
/// <param name="Sequence">The chunk of the file's lane; null: it is about the file.</param>
/// <param name="IsDamage">
/// True: bytes are not as they were written. False: what a kill leaves behind, and the next start puts right.
/// </param>
/// <param name="Problem">What, a clause.</param>
public sealed record SpoolFinding(string File, ulong? Sequence, bool IsDamage, string Problem)
{
    /// <summary>For people: file, chunk and problem.</summary>
    public override string ToString() =>
        Sequence is { } sequence ? $"{File}: chunk {sequence}: {Problem}" : $"{File}: {Problem}";
}
