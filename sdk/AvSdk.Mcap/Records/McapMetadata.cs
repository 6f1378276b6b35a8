namespace AvSdk.Mcap;

/// <summary>Named key-value pairs (MCAP specification, "Metadata").</summary>
/// <param name="Name">For example <c>av.recording</c>; several records may share a name.</param>
/// <param name="Values">The pairs, in the order in which they stand in the file; empty when there are
/// none.</param>
public sealed record McapMetadata(string Name, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>Equal when the name is and the pairs are, regardless of their order.</summary>
    public bool Equals(McapMetadata? other) =>
        other is not null && Name == other.Name && McapFormat.SamePairs(Values, other.Values);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Values.Count);
}
