using AvSdk.Contracts;

using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>What one reading is to bring.</summary>
/// <param name="Selection">As it goes to the gateway; not modified.</param>
/// <param name="AlsoTopics">Patterns of which one must fit as well; empty: no such condition.</param>
/// <param name="Fingerprint">Of the query, for positions.</param>
/// <param name="Position">Where it goes on; null: at the start.</param>
internal sealed record ReadingSpec(
    V1.Selection Selection, IReadOnlyCollection<string> AlsoTopics, ulong Fingerprint,
    QueryPosition? Position)
{
    /// <summary>
    /// Whether a topic of this message encoding and schema name can be decoded; null: anything will do.
    /// </summary>
    public Func<string, string, bool>? FitsType { get; init; }

    /// <summary>For people, where <see cref="FitsType"/> is set.</summary>
    public string TypeName { get; init; } = "";

    public bool Selects(string topic) =>
        TopicGlob.FitsAny(Selection.Topics, topic) && TopicGlob.FitsAny(AlsoTopics, topic);

    /// <exception cref="AvQueryException">The topic carries another type.</exception>
    public void CheckType(string topic, string messageEncoding, string schemaName)
    {
        if (FitsType is null || FitsType(messageEncoding, schemaName))
            return;
        string actual = schemaName.Length == 0 ? messageEncoding : $"{schemaName} ({messageEncoding})";
        throw new AvQueryException(AvQueryError.TypeMismatch,
            $"{topic} carries {actual}, and was asked for as {TypeName}: read it as what it is, "
            + "or untyped with ReadRawAsync.");
    }
}
