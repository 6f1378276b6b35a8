namespace AvSdk.Mcap;

/// <summary>
/// The schemas and channels met so far. The same definition may come again; another one with its id may not,
/// and a channel's schema comes before it.
/// </summary>
/// <param name="schemasMayBeMissing">
/// A summary may repeat the channels and not the schemas: then a channel is taken without its schema.
/// </param>
internal sealed class Definitions(bool schemasMayBeMissing = false)
{
    private readonly Dictionary<ushort, McapSchema> _schemas = [];
    private readonly Dictionary<ushort, McapChannel> _channels = [];
    private McapChannel?[] _byId = [];

    public IReadOnlyDictionary<ushort, McapSchema> Schemas => _schemas;

    public IReadOnlyDictionary<ushort, McapChannel> Channels => _channels;

    /// <summary>Whether each channel's schema is here.</summary>
    public bool HasEverySchema { get; private set; } = true;

    /// <summary>Null for a channel that has not come.</summary>
    public McapChannel? Channel(ushort id) => id < _byId.Length ? _byId[id] : null;

    public bool TryAdd(ReadOnlySpan<byte> content, McapOpcode opcode, McapLimits limits, out McapError error)
    {
        if (opcode == McapOpcode.Schema)
        {
            return McapRecordReader.TryParseSchema(content, limits, out McapSchema schema, out error)
                && TryAdd(schema, out error);
        }

        return McapRecordReader.TryParseChannel(content, limits, out McapChannel channel, out error)
            && TryAdd(channel, out error);
    }

    public bool TryAdd(McapSchema schema, out McapError error)
    {
        error = default;
        // The specification has readers pass over id 0.
        if (schema.Id != 0 && !_schemas.TryAdd(schema.Id, schema) && !_schemas[schema.Id].Equals(schema))
            error = DefinitionErrors.DuplicateSchema(_schemas[schema.Id], schema);
        return !error.IsError;
    }

    public bool TryAdd(McapChannel channel, out McapError error)
    {
        error = default;
        bool hasSchema = channel.SchemaId == 0 || _schemas.ContainsKey(channel.SchemaId);
        HasEverySchema &= hasSchema;
        if (!hasSchema && !schemasMayBeMissing)
        {
            error = DefinitionErrors.NoSchema(channel);
        }
        else if (Channel(channel.Id) is not McapChannel known)
        {
            if (channel.Id >= _byId.Length)
                Array.Resize(ref _byId,
                    Math.Min(Math.Max(_byId.Length * 2, channel.Id + 1), ushort.MaxValue + 1));
            _byId[channel.Id] = channel;
            _channels.Add(channel.Id, channel);
        }
        else if (!known.Equals(channel))
        {
            error = DefinitionErrors.DuplicateChannel(known, channel);
        }

        return !error.IsError;
    }
}
