using AvSdk.Contracts.V1;
using AvSdk.Gateway.Index;
using AvSdk.Gateway.Store;
using AvSdk.Mcap;
using Google.Protobuf;

namespace AvSdk.Gateway.Web;

/// <summary>
/// Which id each channel of several recordings has in one file. Ids stay as they are wherever they can, since
/// only then chunks can be copied; an id that means something else already is replaced.
/// </summary>
internal sealed class ExportChannels
{
    private readonly Dictionary<(Guid Recording, uint Channel), ushort> _ids = [];
    private readonly Dictionary<ushort, McapChannel> _channels = [];
    private readonly Dictionary<ushort, (ByteString Hash, McapSchema Schema)> _schemas = [];
    private readonly HashSet<ushort> _reservedChannels = [];
    private readonly HashSet<ushort> _reservedSchemas = [];

    /// <summary>Channels of <paramref name="topics"/> (null: of all) in these recordings.</summary>
    public ExportChannels(IReadOnlyList<RecordingDefinitions> recordings, IReadOnlyCollection<string>? topics)
    {
        bool severalVehicles = recordings.Select(r => r.Info.VehicleId).Distinct().Count() > 1;
        HashSet<string>? selected = topics is null ? null : [.. topics];
        (RecordingDefinitions Recording, ChannelDefinition Channel)[] wanted =
        [
            .. recordings.SelectMany(recording => recording.Channels
                .Where(channel => selected?.Contains(channel.Topic) != false)
                .Select(channel => (recording, channel))),
        ];
        foreach ((_, ChannelDefinition channel) in wanted)
        {
            _reservedChannels.Add((ushort)channel.ChannelId);
            _reservedSchemas.Add((ushort)channel.SchemaId);
        }

        foreach ((RecordingDefinitions recording, ChannelDefinition channel) in wanted)
            Add(recording, channel, severalVehicles);
    }

    /// <summary>In order of id.</summary>
    public IEnumerable<McapSchema> Schemas => _schemas.OrderBy(s => s.Key).Select(s => s.Value.Schema);

    /// <summary>In order of id.</summary>
    public IEnumerable<McapChannel> Channels => _channels.OrderBy(c => c.Key).Select(c => c.Value);

    /// <summary>The channel's id in the file; null: it is not selected.</summary>
    public ushort? IdOf(Guid recording, uint channel) =>
        _ids.TryGetValue((recording, channel), out ushort id) ? id : null;

    /// <summary>True: every channel of the chunk is selected and has its own id.</summary>
    public bool AreUnchanged(ChunkHeader chunk)
    {
        Guid recording = RecordingIds.Read(chunk.Ref.RecordingId);
        return chunk.Channels.All(channel => IdOf(recording, channel.ChannelId) == channel.ChannelId);
    }

    private static ushort TakeFree(HashSet<ushort> reserved)
    {
        // From the top: recorders count from 1.
        for (ushort id = ushort.MaxValue; id > 0; id--)
        {
            if (reserved.Add(id))
                return id;
        }

        throw new Query.QueryRefusal(
            Query.QueryRefusalKind.TooLarge,
            "The selection has more channels than one file can hold; narrow it.");
    }

    private void Add(RecordingDefinitions recording, ChannelDefinition channel, bool nameVehicle)
    {
        if (channel.SchemaId != 0 && SchemaIdOf(recording, channel) is null)
            return;
        Dictionary<string, string> metadata = new(channel.Metadata);
        if (nameVehicle)
            metadata["av.vehicle_id"] = recording.Info.VehicleId;
        McapChannel exported = new(
            (ushort)channel.ChannelId,
            SchemaIdOf(recording, channel) ?? 0,
            channel.Topic,
            channel.MessageEncoding,
            metadata);
        if (_channels.TryGetValue(exported.Id, out McapChannel? taken) && !taken.Equals(exported))
        {
            McapChannel[] same =
                [.. _channels.Values.Where(other => other.Equals(exported with { Id = other.Id }))];
            exported = exported with { Id = same.Length > 0 ? same[0].Id : TakeFree(_reservedChannels) };
        }

        _channels[exported.Id] = exported;
        _ids[(recording.Id, channel.ChannelId)] = exported.Id;
    }

    private ushort? SchemaIdOf(RecordingDefinitions recording, ChannelDefinition channel)
    {
        if (channel.SchemaId == 0)
            return 0;
        ushort id = (ushort)channel.SchemaId;
        if (_schemas.TryGetValue(id, out (ByteString Hash, McapSchema Schema) taken)
            && taken.Hash.Equals(channel.SchemaSha256))
        {
            return id;
        }

        foreach ((ushort other, (ByteString hash, _)) in _schemas)
        {
            if (hash.Equals(channel.SchemaSha256))
                return other;
        }

        SchemaDefinition? schema = recording.Schemas
            .FirstOrDefault(s => s.Sha256.Equals(channel.SchemaSha256));
        if (schema is null)
            return null;
        if (_schemas.ContainsKey(id))
            id = TakeFree(_reservedSchemas);
        _schemas.Add(id, (schema.Sha256, PackFormat.ToMcap(id, schema)));
        return id;
    }
}
