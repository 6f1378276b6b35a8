using AvSdk.Contracts.V1;

namespace AvSdk.Gateway.Index;

/// <summary>What the index knows of one recording. Shared: its messages are not to be modified.</summary>
public sealed record RecordingDefinitions
{
    /// <summary>As the vehicle told it first.</summary>
    public required RecordingInfo Info { get; init; }

    /// <summary>In order of id.</summary>
    public required IReadOnlyList<ChannelDefinition> Channels { get; init; }

    /// <summary>
    /// The schemas of those channels, whole, in order of schema id; what is missing is not here.
    /// </summary>
    public required IReadOnlyList<SchemaDefinition> Schemas { get; init; }

    /// <summary>Null: it goes on, or its end has not been told.</summary>
    public RecordingEnd? End { get; init; }

    /// <summary>The recording's id.</summary>
    public Guid Id => RecordingIds.Read(Info.RecordingId);
}
