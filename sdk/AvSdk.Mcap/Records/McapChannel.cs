namespace AvSdk.Mcap;

/// <summary>A stream of messages on a topic (MCAP specification, "Channel").</summary>
/// <param name="Id">Unique in the file.</param>
/// <param name="SchemaId">The schema of its messages; 0: it has none.</param>
/// <param name="Topic">For example <c>/camera/front</c>.</param>
/// <param name="MessageEncoding">The registry's word, for example <c>protobuf</c> or <c>json</c>.</param>
/// <param name="Metadata">Free key-value pairs; empty when there are none.</param>
public sealed record McapChannel(
    ushort Id, ushort SchemaId, string Topic, string MessageEncoding,
    IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>A channel without metadata.</summary>
    public McapChannel(ushort id, ushort schemaId, string topic, string messageEncoding)
        : this(id, schemaId, topic, messageEncoding, McapFormat.NoPairs)
    {
    }

    /// <summary>Two channels are equal when every field is, the metadata regardless of its order.</summary>
    public bool Equals(McapChannel? other) =>
        other is not null && Id == other.Id && SchemaId == other.SchemaId && Topic == other.Topic
        && MessageEncoding == other.MessageEncoding && McapFormat.SamePairs(Metadata, other.Metadata);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Id, SchemaId, Topic, MessageEncoding, Metadata.Count);
}
