using Google.Protobuf;
using V1 = AvSdk.Contracts.V1;

namespace AvSdk.Query;

/// <summary>
/// A recording's channels, those that a reading selects apart. Immutable, since chunks refer to it.
/// </summary>
internal sealed class RecordingDefinitions
{
    private readonly HashSet<ushort> _all;
    private readonly Dictionary<ushort, QueryChannel> _selected;
    private readonly Dictionary<ByteString, V1.SchemaDefinition> _schemas;

    private RecordingDefinitions(Guid recordingId, string vehicleId, RecordingDefinitions? known)
    {
        RecordingId = recordingId;
        VehicleId = vehicleId;
        _all = known is null ? [] : [.. known._all];
        _selected = known is null ? [] : new(known._selected);
        _schemas = known is null ? [] : new(known._schemas);
    }

    public Guid RecordingId { get; }

    public string VehicleId { get; }

    public IReadOnlyDictionary<ushort, QueryChannel> Selected => _selected;

    public bool Defines(ushort channelId) => _all.Contains(channelId);

    /// <summary>What was known, and what was told now.</summary>
    /// <exception cref="AvQueryException">A selected topic carries another type than the reading is
    /// for.</exception>
    public static RecordingDefinitions From(
        RecordingDefinitions? known, V1.Definitions told, ReadingSpec spec)
    {
        RecordingDefinitions all = new(
            RecordingIds.Parse(told.Recording.RecordingId), told.Recording.VehicleId, known);
        foreach (V1.SchemaDefinition schema in told.Schemas)
            all._schemas[schema.Sha256] = schema;
        foreach (V1.ChannelDefinition channel in told.Channels)
            all.Add(channel, spec);
        return all;
    }

    private void Add(V1.ChannelDefinition channel, ReadingSpec spec)
    {
        ushort id = (ushort)channel.ChannelId;
        _all.Add(id);
        if (!spec.Selects(channel.Topic))
            return;
        _schemas.TryGetValue(channel.SchemaSha256, out V1.SchemaDefinition? schema);
        string schemaName = schema?.Name ?? "";
        spec.CheckType(channel.Topic, channel.MessageEncoding, schemaName);
        _selected[id] = new QueryChannel(
            channel.Topic, channel.MessageEncoding, schemaName, schema?.Encoding ?? "",
            schema?.Data.Memory ?? ReadOnlyMemory<byte>.Empty, channel.Lane);
    }
}
