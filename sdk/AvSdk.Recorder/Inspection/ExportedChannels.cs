using AvSdk.Mcap;

namespace AvSdk.Recording.Inspection;

/// <summary>
/// The channels and schemas of an exported file. Ids are a recording's own; those of a later recording stay where they
/// mean the same or nothing yet, so that its chunks can be copied, and get others where they do not.
/// </summary>
internal sealed class ExportedChannels(McapWriter writer)
{
    private readonly Dictionary<ushort, McapChannel> _channels = [];
    private readonly Dictionary<ushort, McapSchema> _schemas = [];
    private readonly Dictionary<ushort, ushort> _channelIds = [];
    private readonly Dictionary<ushort, ushort> _schemaIds = [];

    public void BeginRecording()
    {
        _channelIds.Clear();
        _schemaIds.Clear();
    }

    /// <summary>The id that a channel of the recording has in the file.</summary>
    public ushort Map(McapChannel channel, IReadOnlyList<McapSchema> schemas)
    {
        if (_channelIds.TryGetValue(channel.Id, out ushort known))
            return known;
        ushort schemaId = schemas.FirstOrDefault(schema => schema.Id == channel.SchemaId) is { } found ? Map(found) : (ushort)0;
        McapChannel exported = channel with { SchemaId = schemaId };
        ushort id = Find(_channels, exported, channel.Id, static (candidate, id) => candidate with { Id = id });
        _channelIds.Add(channel.Id, id);
        if (_channels.TryAdd(id, exported with { Id = id }))
            writer.AddChannel(exported with { Id = id });
        return id;
    }

    private ushort Map(McapSchema schema)
    {
        if (_schemaIds.TryGetValue(schema.Id, out ushort known))
            return known;
        ushort id = Find(_schemas, schema, schema.Id, static (candidate, id) => candidate with { Id = id });
        _schemaIds.Add(schema.Id, id);
        if (_schemas.TryAdd(id, schema with { Id = id }))
            writer.AddSchema(schema with { Id = id });
        return id;
    }

    // Its own id, if that is free or means the same; else one that means the same; else the next free one.
    private static ushort Find<T>(Dictionary<ushort, T> there, T item, ushort id, Func<T, ushort, T> withId)
        where T : class
    {
        if (!there.TryGetValue(id, out T? same) || same.Equals(item))
            return id;
        foreach ((ushort other, T candidate) in there)
        {
            if (candidate.Equals(withId(item, other)))
                return other;
        }

        return checked((ushort)(there.Keys.Max() + 1));
    }
}
