namespace AvSdk.Mcap;

/// <summary>The schemas and channels of a file being written, by id and by what they say.</summary>
internal sealed class WriterDefinitions
{
    private readonly SortedDictionary<ushort, McapSchema> _schemas = [];
    private readonly SortedDictionary<ushort, McapChannel> _channels = [];
    private readonly Dictionary<(string Topic, string Encoding, ushort SchemaId), ushort> _plainChannels = [];
    private ushort _freeSchemaId = 1;
    private ushort _freeChannelId = 1;

    public IReadOnlyCollection<McapSchema> Schemas => _schemas.Values;

    public IReadOnlyCollection<McapChannel> Channels => _channels.Values;

    public bool HasSchema(ushort id) => _schemas.ContainsKey(id);

    public bool HasChannel(ushort id) => _channels.ContainsKey(id);

    public McapSchema? Schema(ushort id) => _schemas.GetValueOrDefault(id);

    public McapChannel? Channel(ushort id) => _channels.GetValueOrDefault(id);

    /// <summary>Null when it is new, else the one that has the id.</summary>
    public McapSchema? Add(McapSchema schema) =>
        _schemas.TryAdd(schema.Id, schema) ? null : _schemas[schema.Id];

    /// <summary>Null when it is new, else the one that has the id.</summary>
    public McapChannel? Add(McapChannel channel)
    {
        if (!_channels.TryAdd(channel.Id, channel))
            return _channels[channel.Id];
        if (channel.Metadata.Count == 0)
            _plainChannels.TryAdd((channel.Topic, channel.MessageEncoding, channel.SchemaId), channel.Id);
        return null;
    }

    /// <summary>The id of a schema that says the same, or null.</summary>
    public ushort? Find(string name, string encoding, ReadOnlySpan<byte> data)
    {
        foreach (McapSchema schema in _schemas.Values)
        {
            if (schema.Name == name && schema.Encoding == encoding && schema.Data.Span.SequenceEqual(data))
                return schema.Id;
        }

        return null;
    }

    /// <summary>The id of a channel without metadata that says the same, or null.</summary>
    public ushort? Find(string topic, string messageEncoding, ushort schemaId) =>
        _plainChannels.TryGetValue((topic, messageEncoding, schemaId), out ushort id) ? id : null;

    public ushort NextSchemaId() => _freeSchemaId = NextFree(_freeSchemaId, _schemas.ContainsKey);

    public ushort NextChannelId() => _freeChannelId = NextFree(_freeChannelId, _channels.ContainsKey);

    // Ids are never given back, so what was taken before stays taken.
    private static ushort NextFree(ushort from, Func<ushort, bool> isTaken)
    {
        for (int id = from; id <= ushort.MaxValue; id++)
        {
            if (!isTaken((ushort)id))
                return (ushort)id;
        }

        throw new InvalidOperationException("An MCAP file has room for 65535 ids, and all are in use.");
    }
}
