using AvSdk.Mcap.Tool.Commands;

namespace AvSdk.Mcap.Tool.Edits;

/// <summary>
/// Gives the schemas and channels of several files ids in one: equal ones the same id, others the id that they
/// had if it is free, else the next free one.
/// </summary>
internal sealed class MergedDefinitions(McapWriter writer)
{
    private readonly Dictionary<McapSchema, ushort> _schemas = [];
    private readonly Dictionary<McapChannel, ushort> _channels = [];
    private readonly HashSet<ushort> _schemaIds = [];
    private readonly HashSet<ushort> _channelIds = [];

    public int Channels => _channels.Count;

    /// <summary>Adds all of a file's definitions. Returns the new channel ids by the old.</summary>
    public IReadOnlyDictionary<ushort, ushort> Add(
        IEnumerable<McapSchema> schemas, IEnumerable<McapChannel> channels)
    {
        Dictionary<ushort, ushort> schemaIds = new() { [0] = 0 };
        foreach (McapSchema schema in schemas.OrderBy(schema => schema.Id))
            schemaIds.Add(schema.Id, IdOf(schema));
        Dictionary<ushort, ushort> channelIds = [];
        foreach (McapChannel channel in channels.OrderBy(channel => channel.Id))
            channelIds.Add(channel.Id, IdOf(channel with { SchemaId = schemaIds[channel.SchemaId] }));
        return channelIds;
    }

    private ushort IdOf(McapSchema schema)
    {
        McapSchema content = schema with { Id = 0 };
        if (_schemas.TryGetValue(content, out ushort id))
            return id;
        id = Take(_schemaIds, schema.Id, 1);
        writer.AddSchema(schema with { Id = id });
        _schemas.Add(content, id);
        return id;
    }

    private ushort IdOf(McapChannel channel)
    {
        McapChannel content = channel with { Id = 0 };
        if (_channels.TryGetValue(content, out ushort id))
            return id;
        id = Take(_channelIds, channel.Id, 0);
        writer.AddChannel(channel with { Id = id });
        _channels.Add(content, id);
        return id;
    }

    private static ushort Take(HashSet<ushort> taken, ushort wish, int first)
    {
        if (taken.Add(wish))
            return wish;
        for (int id = first; id <= ushort.MaxValue; id++)
        {
            if (taken.Add((ushort)id))
                return (ushort)id;
        }

        throw ToolFailure.World("one MCAP file has no more than 65536 ids, and these files need more; merge fewer of them.");
    }
}
